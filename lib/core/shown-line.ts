const withheld = "(withheld)";

/** Each pattern is bounded: what it is used on comes from a node. */
const address = /([a-zA-Z][a-zA-Z0-9+.-]{0,30}:\/\/)([^\s"'<>?#]{0,500})(\?[^\s"'<>#]{0,2000})?/g;
const pair =
  /(["']?)([\w.-]{1,60})\1(\s{0,2}[=]\s{0,2}|\s{0,2}:\s{0,2}(?=\S)|\\?":\s{0,2}\\?")("[^"]{0,500}"?|'[^']{0,500}'?|[^\s"',;]{1,1000})/g;
const flag = /(^|\s)(--?[a-zA-Z][\w-]{0,40})(\s+)(?!-)(\S{1,1000})/g;
const secretWord =
  /(\b\w{0,30}(?:token|secret|passw(?:or)?d|passwd|passphrase|psk|api-?key|private-?key|credentials?|bearer|basic|jwt|cookie|community)s?\b["']?\s{0,2}(?:is|was|for\s\S{1,60}|of\s\S{1,60})?\s{0,2}[:=]?\s{0,2}["']?)([^\s"',;]{1,1000})/gi;
/** Longer runs that are no words, digests or UUIDs are keys until the contrary is known. */
const longRun = /[A-Za-z0-9+/_=-]{24,2000}/g;
const plainRun =
  /^(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?:[A-Za-z]{1,23}|\d{1,10})(?:[/_=-]+(?:[A-Za-z]{1,23}|\d{1,10}|v?\d{1,4}|[a-z]{1,8}\d{1,4})){0,30})$/;

/** Values that say how much, when, where or yes and no, and so are no secret. */
const harmless =
  /^(?:-?\d[\d.,:]{0,20}(?:[a-zA-Z%]{1,4})?|0x[0-9a-fA-F]{1,16}|true|false|yes|no|on|off|null|nil|none|ok|failed|error|unknown|running|ready|healthy|unhealthy|v?\d{1,4}(?:\.\d{1,4}){1,3}|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?|[0-9a-f]{4}:[0-9a-f]{4}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d|\(withheld\))[.)\]]?$/;
/** `name: word` is how people write sentences; only what is written as an assignment, or looks made up, is a value. */
const wordAfterColon = /^[A-Za-z]{1,20}[.)]?$/;

const recent = new Map<string, string>();
const recentEntries = 2048;

function withoutSecrets(text: string): string {
  if (/PRIVATE KEY|-----BEGIN/.test(text)) return withheld;
  return text
    .replace(address, (_, scheme: string, rest: string, query: string | undefined) => {
      const at = rest.lastIndexOf("@");
      return `${scheme}${at < 0 ? rest : `${withheld}@${rest.slice(at + 1)}`}${query === undefined ? "" : `?${withheld}`}`;
    })
    .replace(secretWord, (_, name: string) => `${name}${withheld}`)
    .replace(pair, (whole, quote: string, name: string, sign: string, value: string) => {
      const bare = value.replace(/^["']|["']$/g, "");
      if (harmless.test(bare) || bare.startsWith("//")) return whole;
      if (sign.includes(":") && !sign.includes('"') && wordAfterColon.test(bare)) return whole;
      return sign.includes("=") || sign.includes('"') || /\d/.test(bare)
        ? `${quote}${name}${quote}${sign}${withheld}`
        : whole;
    })
    .replace(flag, (whole, before: string, name: string, gap: string, value: string) =>
      harmless.test(value) || value.startsWith("(") ? whole : `${before}${name}${gap}${withheld}`,
    )
    .replace(longRun, (run) => (plainRun.test(run) ? run : withheld));
}

/**
 * A line that a machine wrote in its own words (a health message, an event, a line of the kernel's log about a driver), fit for
 * people who may not read logs: credentials and queries of addresses, assigned values that are no figures or states, what
 * follows a flag or a word for a secret, and long runs that are no words are withheld.
 */
export function shownLine(text: string): string {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const shown = withoutSecrets(text.length > 4096 ? `${text.slice(0, 4095)}…` : text);
  if (recent.size >= recentEntries) recent.clear();
  recent.set(text, shown);
  return shown;
}
