import os from "node:os";
import path from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { AppError } from "./errors";
import { readSignInSettings, type SignInSettings, signInSettings } from "./sign-in-settings";

const defaultDataDir = (source: NodeJS.Dict<string>): string => {
  const home = source.HOME ?? os.homedir();
  const base =
    source.XDG_DATA_HOME ||
    (process.platform === "darwin" ? path.join(home, "Library/Application Support") : path.join(home, ".local/share"));
  return path.join(base, "ichor");
};

const httpUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.username === "" &&
    url.password === ""
  );
});

const cidrList = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .refine((parts) => parts.every((part) => ipaddr.isValidCIDR(part)));

const keyText = z.string().refine((text) => /^[0-9a-fA-F]{64}$/.test(text) || /^[A-Za-z0-9+/]{43}=$/.test(text));

/** Empty, which no header may be, for what is not well encoded. */
const decodeHeader = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};

/** As in OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`, values URL-encoded. */
const headerList = z
  .string()
  .refine((text) =>
    /^[\w-]+=(?:[!-$&-+\-.-~]|%[0-9A-Fa-f]{2})+(?:,[\w-]+=(?:[!-$&-+\-.-~]|%[0-9A-Fa-f]{2})+)*$/.test(text),
  )
  .transform((text) =>
    text.split(",").map((pair) => [pair.replace(/=.*/, ""), decodeHeader(pair.replace(/^[^=]*=/, ""))]),
  )
  .refine((pairs) => pairs.every(([, value]) => value !== undefined && /^[ -~]+$/.test(value)))
  .transform((pairs) => Object.fromEntries(pairs) as Record<string, string>);

/** One setting: how to read it, and what a good value looks like. */
const settings = {
  PORT: { schema: z.coerce.number().int().min(1).max(65_535).default(3000), expected: "a port number from 1 to 65535" },
  HOST: {
    schema: z
      .string()
      .min(1)
      .regex(/^[A-Za-z0-9.:_-]+$/)
      .default("127.0.0.1"),
    expected: "an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0",
  },
  ICHOR_URL: {
    schema: httpUrl.refine((text) => URL.parse(text)?.pathname === "/").optional(),
    expected: "the address in people's browsers, such as https://ichor.example.org, without a path",
  },
  ICHOR_DATA_DIR: { schema: z.string().min(1).optional(), expected: "a directory that this user may write to" },
  ICHOR_FACTORY_URL: {
    schema: httpUrl.default("https://factory.talos.dev"),
    expected: "the http(s) address of an Image Factory, without a user name or password",
  },
  ICHOR_KEY: {
    schema: keyText.optional(),
    expected: "32 random bytes, as 64 hex digits or in base64 (openssl rand -base64 32)",
  },
  ICHOR_KEY_FILE: { schema: z.string().min(1).optional(), expected: "the path of a file that holds the key" },
  ICHOR_KEY_OLD: {
    schema: keyText.optional(),
    expected: "the key that the database was sealed with until now, as 64 hex digits or in base64",
  },
  ICHOR_KEY_OLD_FILE: { schema: z.string().min(1).optional(), expected: "the path of a file that holds the old key" },
  ICHOR_BACKUP_DIR: { schema: z.string().min(1).optional(), expected: "a directory that this user may write to" },
  ICHOR_BACKUP_EVERY: {
    schema: z
      .string()
      .regex(/^(off|[1-9]\d{0,3}[mhd])$/)
      .default("24h"),
    expected: "off, or a time such as 30m, 24h or 7d",
  },
  ICHOR_BACKUP_KEEP: {
    schema: z.coerce.number().int().min(1).max(1000).default(14),
    expected: "a number from 1 to 1000",
  },
  ICHOR_BACKUP_RECIPIENTS: {
    schema: z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter(Boolean))
      .refine((all) => all.length <= 20 && all.every((one) => /^age1[a-z0-9]{50,3000}$/.test(one)))
      .optional(),
    expected: "age recipients (age1…) separated by commas",
  },
  ICHOR_BACKUP_PASSPHRASE_FILE: {
    schema: z.string().min(1).optional(),
    expected: "the path of a file that holds a passphrase",
  },
  ICHOR_NODE_NETWORKS: {
    schema: cidrList.optional(),
    expected: "networks in CIDR form separated by commas, such as 10.0.0.0/8,fd00::/8",
  },
  ICHOR_TRUSTED_PROXIES: {
    schema: cidrList.optional(),
    expected: "the networks of your reverse proxies in CIDR form separated by commas, such as 10.1.2.3/32,fd00::/64",
  },
  ICHOR_AUDIT_DAYS: {
    schema: z.coerce.number().int().min(30).max(36_500).optional(),
    expected: "a number of days, 30 or more, or nothing to keep the audit log for ever",
  },
  ICHOR_AUDIT_OTLP_URL: {
    schema: httpUrl.optional(),
    expected: "the http(s) address of an OTLP collector's logs, such as https://collector.example.org/v1/logs",
  },
  ICHOR_AUDIT_OTLP_HEADERS: {
    schema: headerList.optional(),
    expected: "headers as name=value separated by commas, their values URL-encoded",
  },
  ICHOR_GPU_TELEMETRY: { schema: z.enum(["off", "on"]).default("off"), expected: "on or off" },
  ICHOR_LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    expected: "debug, info, warn or error",
  },
  ...signInSettings,
} as const;
export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as SettingName[];

export type Settings = SignInSettings & {
  port: number;
  host: string;
  /** Address in people's browsers; from HOST and PORT where it is not set. */
  publicUrl: string;
  dataDir: string;
  databaseFile: string;
  factoryUrl: string;
  /** The master key as given (hex or base64), or null: then it is in `keyFile`. */
  key: string | null;
  keyFile: string;
  /** The master key before the present one, while it is being changed: as given, or in a file. */
  keyOld: string | null;
  keyOldFile: string | null;
  backup: {
    dir: string;
    /** Between two back-ups; null = none by themselves. */
    everyMs: number | null;
    keep: number;
    /** age recipients; none = the passphrase's file, and without one either there are no back-ups. */
    recipients: string[];
    passphraseFile: string | null;
  };
  /** Networks that nodes may be in although they would be refused (loopback, link-local); null where not set. */
  nodeNetworks: string[];
  /** Networks of reverse proxies whose `X-Forwarded-For` is believed; none where not set. */
  trustedProxies: string[];
  /** How long entries of the audit log are kept; null for ever. */
  auditDays: number | null;
  /** Where the audit log is sent to, and the headers (secret) that let it in; null where it is not. */
  auditOtlp: { url: string; headers: Record<string, string> } | null;
  /** Read the load of AMD and Intel GPUs, with an admin's certificate. */
  gpuTelemetry: boolean;
  logLevel: "debug" | "info" | "warn" | "error";
};

/**
 * Reads the settings. An empty value counts as not set.
 * @throws AppError `invalid-input` with one sentence per bad setting: its name and what is expected, never its value.
 */
export function parseSettings(source: NodeJS.Dict<string>): Settings {
  const problems: Record<string, string> = {};
  const read = <N extends SettingName>(name: N): z.output<(typeof settings)[N]["schema"]> => {
    const raw = source[name]?.trim();
    const parsed = settings[name].schema.safeParse(raw === "" ? undefined : raw);
    if (!parsed.success) problems[name] = `${name} must be ${settings[name].expected}.`;
    return parsed.data as z.output<(typeof settings)[N]["schema"]>;
  };
  const port = read("PORT");
  const host = read("HOST");
  const url = read("ICHOR_URL");
  const dataDir = path.resolve(/* turbopackIgnore: true */ read("ICHOR_DATA_DIR") ?? defaultDataDir(source));
  const otlpUrl = read("ICHOR_AUDIT_OTLP_URL");
  const otlpHeaders = read("ICHOR_AUDIT_OTLP_HEADERS");
  const result: Settings = {
    port,
    host,
    publicUrl: (url ?? `http://${browsableHost(host)}:${port}`).replace(/\/$/, ""),
    dataDir,
    databaseFile: path.join(/* turbopackIgnore: true */ dataDir, "ichor.db"),
    factoryUrl: read("ICHOR_FACTORY_URL")?.replace(/\/+$/, ""),
    key: read("ICHOR_KEY") ?? null,
    keyFile: path.resolve(
      /* turbopackIgnore: true */ read("ICHOR_KEY_FILE") ?? path.join(/* turbopackIgnore: true */ dataDir, "ichor.key"),
    ),
    keyOld: read("ICHOR_KEY_OLD") ?? null,
    keyOldFile: read("ICHOR_KEY_OLD_FILE") ?? null,
    backup: {
      dir: path.resolve(
        /* turbopackIgnore: true */ read("ICHOR_BACKUP_DIR") ??
          path.join(/* turbopackIgnore: true */ dataDir, "backups"),
      ),
      everyMs: spanMs(read("ICHOR_BACKUP_EVERY")),
      keep: read("ICHOR_BACKUP_KEEP"),
      recipients: read("ICHOR_BACKUP_RECIPIENTS") ?? [],
      passphraseFile: read("ICHOR_BACKUP_PASSPHRASE_FILE") ?? null,
    },
    nodeNetworks: read("ICHOR_NODE_NETWORKS") ?? [],
    trustedProxies: read("ICHOR_TRUSTED_PROXIES") ?? [],
    auditDays: read("ICHOR_AUDIT_DAYS") ?? null,
    auditOtlp: otlpUrl === undefined ? null : { url: otlpUrl, headers: otlpHeaders ?? {} },
    gpuTelemetry: read("ICHOR_GPU_TELEMETRY") === "on",
    logLevel: read("ICHOR_LOG_LEVEL"),
    ...readSignInSettings(read, url !== undefined, problems),
  };
  const names = Object.keys(problems);
  if (names.length > 0) {
    throw new AppError("invalid-input", Object.values(problems).join(" "), {
      fields: problems,
      hint: ".env.example describes every setting.",
    });
  }
  return result;
}

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `24h`, `7d` in ms; null for `off`. */
const spanMs = (text: string | undefined): number | null =>
  text === undefined || text === "off" ? null : Number.parseInt(text, 10) * (unitMs[text.slice(-1)] ?? 0);

/** A host that a browser on this machine can open, for one that the server listens on. */
function browsableHost(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

let cached: { from: string; settings: Settings } | null = null;

/** The settings of this process; read again when its environment has changed. @throws as `parseSettings`. */
export function env(): Settings {
  const from = JSON.stringify(["HOME", "XDG_DATA_HOME", ...settingNames].map((name) => process.env[name]));
  if (cached?.from !== from) cached = { from, settings: parseSettings(process.env) };
  return cached.settings;
}
