import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { emitGoYaml, type GoYamlInput } from "@/lib/core/go-yaml";
import { compareGoKeys } from "@/lib/core/go-yaml-sort";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import { templateRefusal, unrenderedRefusal } from "@/lib/core/unrendered/raw-text";
import { isNestedTooDeep } from "@/lib/core/yaml-nesting";
import { parsePlainYaml } from "@/lib/core/yaml-plain";
import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { checkClientUsage, checkIdentity, type ClientIdentity } from "@/lib/talos/certificate-fit";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { decodePem, encodePem, toTalosKeyPem } from "@/lib/talos/pem";
import { readTalosEndpoint } from "@/lib/talos/endpoint";
import { cleanText } from "@/lib/talos/text";

export type TalosContext = {
  name: string;
  endpoints: string[];
  nodes: string[];
  cluster: string | null;
  credentials: Extract<TalosCredentials, { kind: "mtls" }>;
  identity: ClientIdentity;
};

export type Talosconfig = {
  /** The selected context's name. */
  context: string;
  contexts: TalosContext[];
};

const maxBytes = 1024 * 1024;
// Every scalar is read as its text, as Go reads it into a string: a context may be called 1e3. Only here is nothing something else.
const absent = new Set(["", "~", "null"]);
const orAbsent = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (typeof value === "string" && absent.has(value) ? null : value), schema.nullish());
const names = orAbsent(z.array(z.string().min(1).max(300)).max(1000));
const schema = z.object({
  context: z.string().max(300).nullish(),
  contexts: orAbsent(
    z.record(
      z.string().max(300),
      z.object({
        endpoints: names,
        nodes: names,
        ca: z.string().nullish(),
        crt: z.string().nullish(),
        key: z.string().nullish(),
        cluster: z.string().max(300).nullish(),
        auth: orAbsent(z.object({ siderov1: z.unknown().optional() })),
      }),
    ),
  ),
});

const refuse = (sentence: string, hint?: string) =>
  new AppError("invalid-input", sentence, hint === undefined ? {} : { hint });

function readYaml(text: string): z.infer<typeof schema> {
  if (Buffer.byteLength(text) > maxBytes) throw refuse("The talosconfig is larger than 1 MiB.");
  if (text.trim() === "") throw refuse("The talosconfig is empty.");
  if (isNestedTooDeep(text)) throw refuse("The talosconfig is nested too deep.");
  refusePlainText(text, "talosconfig");
  const read = parsePlainYaml(text, "failsafe");
  refuseUnreadable(text, read.state === "unreadable" ? read.offset : null);
  if (read.state === "aliases") throw refuse("The talosconfig uses YAML aliases in a way that is not accepted.");
  if (read.state === "too-large") throw refuse(`The talosconfig is too much to read: ${read.problem}.`);
  const value = read.state === "read" ? read.value : null;
  refuseOtherFile([value], "talosconfig");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(
      "This is not a talosconfig: it has no contexts.",
      "A talosconfig starts with “context:” and “contexts:”.",
    );
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Only the path: the value may be a key.
  const path = (parsed.error.issues[0]?.path ?? []).map(String).join(".");
  throw refuse(`The talosconfig has something unexpected at “${cleanText(path, { max: 200 })}”.`);
}

function refuseUnreadable(text: string, offset: number | null): void {
  const line = text.slice(0, offset ?? 0).split("\n").length;
  const refusal =
    offset === null
      ? templateRefusal(text, "The talosconfig")
      : (unrenderedRefusal(text, "The talosconfig", line) ??
        refuse(`The talosconfig is not valid YAML: line ${line} cannot be read.`));
  if (refusal) throw refusal;
}

type RawContext = NonNullable<z.infer<typeof schema>["contexts"]>[string];

/** PEM of a field; what a tool should have put there is named as that. */
function readPem(value: string | null | undefined, where: string): string {
  const mark = unrenderedMark(value ?? "");
  if (mark) throw refuse(`${where}: ${markWords(mark)}.`, markHint(mark));
  return decodePem(value ?? "", where);
}

function readContext(name: string, raw: RawContext, nowMs: number): TalosContext {
  const { endpoints, nodes, ca, crt, key, cluster, auth } = raw;
  const where = `Context “${cleanText(name, { max: 100 })}”`;
  // Before the certificate: where they are placeholders, all of it is a sample.
  const addresses = (endpoints ?? []).map((endpoint) => readTalosEndpoint(endpoint, `${where}: the endpoint`));
  (nodes ?? []).forEach((node) => readTalosEndpoint(node, `${where}: the node`));
  if (!crt && auth?.siderov1)
    throw refuse(
      `${where} signs in through an Omni account instead of a certificate.`,
      "Ask Omni for a talosconfig with a certificate (break-glass), or add the cluster with its own talosconfig.",
    );
  const pems = {
    caPem: readPem(ca, `${where}: ca`),
    certPem: readPem(crt, `${where}: crt`),
    keyPem: readPem(key, `${where}: key`),
  };
  const identity = checkIdentity(pems, where, nowMs);
  return {
    name,
    endpoints: addresses,
    nodes: nodes ?? [],
    cluster: cluster || null,
    credentials: { kind: "mtls", ...pems },
    identity,
  };
}

function readContexts(text: string): { selected: string; entries: [string, RawContext][] } {
  const { context, contexts } = readYaml(text);
  const entries = Object.entries(contexts ?? {});
  const [first] = entries;
  if (!first) throw refuse("The talosconfig has no contexts.");
  if (context && !entries.some(([name]) => name === context))
    throw refuse(
      `The talosconfig selects the context “${cleanText(context, { max: 100 })}”, which is not among its contexts.`,
    );
  return { selected: context || first[0], entries };
}

/**
 * Reads a talosconfig: base64 PEM fields, all contexts, each with certificate, key and CA that fit together at `nowMs`.
 * Throws AppError("invalid-input") with one precise sentence, which never holds a value of ca, crt or key.
 */
export function parseTalosconfig(text: string, nowMs: number = Date.now()): Talosconfig {
  const { selected, entries } = readContexts(text);
  return { context: selected, contexts: entries.map(([name, raw]) => readContext(name, raw, nowMs)) };
}

/**
 * One context of a talosconfig to begin with, the selected one unless named. The others are not looked at: whoever has many clusters has
 * some whose certificate has expired. Throws as `parseTalosconfig`, where it has no context of that name, and where the certificate
 * lacks the usage that Talos enforces; one held since long may still work on an old release, and is not asked.
 */
export function talosContext(text: string, name?: string, nowMs: number = Date.now()): TalosContext {
  const { selected, entries } = readContexts(text);
  const chosen = entries.find(([known]) => known === (name ?? selected));
  if (chosen) {
    const context = readContext(...chosen, nowMs);
    checkClientUsage(context.credentials.certPem, `Context “${cleanText(chosen[0], { max: 100 })}”`);
    return context;
  }
  throw refuse(
    `The talosconfig has no context ${cleanText(name ?? selected, { max: 100 })}.`,
    `It has ${entries.map(([known]) => cleanText(known, { max: 100 })).join(", ")}.`,
  );
}

export type WritableContext = {
  name: string;
  endpoints: string[];
  nodes?: string[];
  credentials: Extract<TalosCredentials, { kind: "mtls" }>;
};

/** A talosconfig as talosctl writes it: base64 PEM on one line, Ed25519 keys with Talos' label. The first context is selected unless named. */
export function writeTalosconfig(contexts: WritableContext[], selected: string = contexts[0]?.name ?? ""): string {
  const sorted = [...contexts].sort((left, right) => compareGoKeys(left.name, right.name));
  // A Map, since an object would move names that look like array indexes to the front.
  const named = new Map<string, GoYamlInput>(
    sorted.map(({ name, endpoints, nodes = [], credentials: { caPem, certPem, keyPem } }) => [
      name,
      {
        endpoints,
        nodes: nodes.length > 0 ? nodes : undefined,
        ca: encodePem(caPem),
        crt: encodePem(certPem),
        key: encodePem(toTalosKeyPem(keyPem)),
      },
    ]),
  );
  return emitGoYaml({ context: selected, contexts: named });
}
