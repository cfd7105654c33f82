import { parseAddress } from "@/lib/machine-config/check/go-net";

/** What Go's `url.Parse` finds. `host` has its port and brackets. */
export type GoUrl = { scheme: string; host: string; hostname: string; port: string; path: string; opaque: boolean };

/** Why Go refuses a text as a URL. */
export type UrlProblem = "missing-scheme" | "no-url";

const isUrlProblem = (found: GoUrl | UrlProblem): found is UrlProblem => typeof found === "string";

const badEscape = /%(?![0-9a-fA-F]{2})/;
// Of the ASCII characters, those that a host may not have (net/url shouldEscape with encodeHost), percent escapes aside.
const badHost = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u{80}-\u{10ffff}]/u;
const badUser = /[^A-Za-z0-9\-._:~!$&'()*+,;=%@]/;

function schemeOf(text: string): { scheme: string; rest: string } | null {
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (/[A-Za-z]/.test(char)) continue;
    if (char === ":")
      return index === 0 ? null : { scheme: text.slice(0, index).toLowerCase(), rest: text.slice(index + 1) };
    if (index === 0 || !/[0-9+\-.]/.test(char)) break;
  }
  return { scheme: "", rest: text };
}

function authority(text: string, scheme: string): Pick<GoUrl, "host" | "hostname" | "port"> | null {
  const at = text.lastIndexOf("@");
  const user = text.slice(0, Math.max(at, 0));
  if (badUser.test(user) || badEscape.test(user)) return null;
  const host = text.slice(at + 1);
  const bracket = host.lastIndexOf("[");
  if (badHost.test(host) || bracket > 0) return null;
  // Only an IPv6 zone and non-ASCII bytes may be escaped in a host.
  if (/%(?!25|[89a-fA-F][0-9a-fA-F])/.test(host)) return null;
  // With a scheme, the first colon ends the host (Go 1.26); without one, the last does.
  const colon = scheme === "" ? host.lastIndexOf(":") : host.indexOf(":");
  const end = bracket === 0 ? host.lastIndexOf("]") : colon < 0 ? host.length : colon;
  if (end < 0) return null;
  const port = host.slice(bracket === 0 ? end + 1 : end);
  const hostname = host.slice(bracket + 1, end);
  if (!/^(?::\d*)?$/.test(port) || (bracket === 0 && parseAddress(hostname.replace("%25", "%"))?.bits !== 128))
    return null;
  return { host, hostname, port: port.slice(1) };
}

/**
 * Reads a URL as Go's `url.Parse` does, which is how Talos decodes them: `host:6443` is a scheme and something opaque, `10.0.0.1:6443` no URL
 * at all. Gives the reason where Go refuses the text.
 */
export function parseGoUrl(text: string): GoUrl | UrlProblem {
  if (/[\x00-\x1f\x7f]/.test(text)) return "no-url";
  const [whole = ""] = text.split("#", 1);
  if (badEscape.test(text.slice(whole.length + 1))) return "no-url";
  const found = schemeOf(whole);
  if (!found) return "missing-scheme";
  const { scheme } = found;
  const [rest = ""] = found.rest.split("?", 1);
  const nothing = { scheme, host: "", hostname: "", port: "", path: "", opaque: false };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...nothing, opaque: true };
    if ((rest.split("/", 1)[0] ?? "").includes(":")) return "missing-scheme";
  }
  if (!rest.startsWith("//") || (scheme === "" && rest.startsWith("///")))
    return badEscape.test(rest) ? "no-url" : { ...nothing, path: rest };
  const slash = rest.indexOf("/", 2);
  const named = authority(slash < 0 ? rest.slice(2) : rest.slice(2, slash), scheme);
  const path = slash < 0 ? "" : rest.slice(slash);
  return named === null || badEscape.test(path) ? "no-url" : { ...nothing, ...named, path };
}

/** Null where Talos' `ValidateEndpointURI` takes the address, else what is wrong with it. */
export function endpointProblem(text: string): string | null {
  const url = parseGoUrl(text);
  if (isUrlProblem(url)) return url === "missing-scheme" ? "https:// is missing" : "it is not a URL";
  if (url.hostname === "")
    return url.scheme === "https" || url.scheme === "http" ? "the host is missing" : "https:// is missing";
  const colons = url.host.split(":").length - 1;
  if (colons > 2 && !/^.*\[.*\]/.test(url.host)) return "an IPv6 address has to stand in brackets";
  if (url.port === "") return null;
  const port = Number(url.port);
  return port >= 1 && port <= 65535 ? null : "the port is not between 1 and 65535";
}

/** The URL, or null where Go refuses it. */
export function goUrlOrNull(text: string): GoUrl | null {
  const url = parseGoUrl(text);
  return isUrlProblem(url) ? null : url;
}
