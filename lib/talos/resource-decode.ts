import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { checkYamlCaps, parseBoundedYaml, YamlTooMuch, type YamlCaps } from "@/lib/core/bounds/bounded-yaml";
import { errorMessage } from "@/lib/core/errors";
import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";
import type { Metadata, Resource as WireResource } from "@/lib/talos/gen/cosi/resource/state";
import { goTimeMs } from "@/lib/talos/go-time";
import type { ResourceDef } from "@/lib/talos/resource-def";
import { cleanText } from "@/lib/talos/text";

export type ResourceMetadata = {
  namespace: string;
  type: string;
  id: string;
  /** Grows with each change; compare for equality only. */
  version: string;
  owner: string;
  /** `tearing-down`: it is about to be destroyed. */
  phase: "running" | "tearing-down";
  createdMs: number | null;
  updatedMs: number | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
};

export type Resource<Spec> = ResourceMetadata & { spec: Spec };

const short = (text: string) => cleanText(text, { max: 512 });
const mostLabels = 256;
const cleaned = (map: Record<string, string> | undefined) =>
  Object.fromEntries(
    Object.entries(map ?? {})
      .slice(0, mostLabels)
      .map(([key, value]) => [short(key), cleanText(value)]),
  );

export function decodeMetadata(metadata: Metadata | undefined): ResourceMetadata {
  return {
    namespace: short(metadata?.namespace ?? ""),
    type: short(metadata?.type ?? ""),
    id: short(metadata?.id ?? ""),
    version: short(metadata?.version ?? ""),
    owner: short(metadata?.owner ?? ""),
    phase: metadata?.phase.toLowerCase().startsWith("tear") ? "tearing-down" : "running",
    createdMs: goTimeMs(metadata?.created),
    updatedMs: goTimeMs(metadata?.updated),
    labels: cleaned(metadata?.labels),
    annotations: cleaned(metadata?.annotations),
  };
}

const capsOf = ({ raw, caps }: ResourceDef<unknown>) => ({
  chars: caps?.specBytes ?? nodeCaps.specBytes,
  // A raw one is a document in a text, which whoever reads it judges.
  nodes: raw ? Infinity : nodeCaps.specNodes,
  depth: raw ? Infinity : nodeCaps.specDepth,
});

// The machines of a fleet say the same in most of their specs, and each is read at every connection and watch; parsing is the
// larger part of the work. Values are shared, never handed out: a definition's schema makes new ones of them.
const recent = new Map<string, unknown>();
const recentEntries = 4_096;
const recentChars = 1_024;
// A short text of many values would make this the largest thing in memory.
const recentNodes = 96;

function readShortYaml(text: string, nodes: number, caps: YamlCaps): unknown {
  if (text.length > recentChars || nodes > recentNodes) return parseBoundedYaml(text, caps);
  const known = recent.get(text);
  if (known !== undefined) return known;
  const value = parseBoundedYaml(text, caps);
  const oldest = recent.size >= recentEntries ? recent.keys().next() : null;
  if (oldest && !oldest.done) recent.delete(oldest.value);
  recent.set(text, value);
  return value;
}

/** Is every line of a block indented as its first one, or blank? */
function isOneBlock(text: string): boolean {
  const indent = /\n( +)[^ \n]/.exec(text)?.[1]?.length ?? 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    let own = 0;
    while (own < indent && text[at + 1 + own] === " ") own += 1;
    const next = text[at + 1 + own];
    if (own < indent && next !== "\n" && next !== undefined) return false;
  }
  return indent > 0;
}

/** Is the whole of it one text in quotes, or one block? Told without parsing, since anything may be in what is neither. */
function isOneText(text: string): boolean {
  if (/^[|>][+-]?\n/.test(text)) return isOneBlock(text);
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return false;
  let at = 1;
  while (at < text.length && text[at] !== quote) at += quote === '"' && text[at] === "\\" ? 2 : 1;
  return text.slice(at + 1).trim() === "";
}

/** A string scalar holds the text; a release that writes the document itself has given us the text already. */
function readText(text: string, caps: YamlCaps): string {
  if (!isOneText(text)) return text;
  try {
    const value = parseBoundedYaml(text, caps);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

/**
 * Counts what it costs to read of a resource, whatever its spec holds: a change may be empty, and come a thousand times a second.
 * @throws TalosError "misbehaving"
 */
export function spendChange(channel: Channel, metadata: Metadata | undefined, method: string): void {
  const labels = Object.keys(metadata?.labels ?? {}).length + Object.keys(metadata?.annotations ?? {}).length;
  channel.limits.spendNodes(method, nodeCaps.nodesPerChange + labels);
}

type Read = { channel: Channel; def: ResourceDef<unknown>; method: string };

/** Sensitive ones are not kept. */
function readValue({ channel, def, method }: Read, yamlSpec: string): unknown {
  const caps = capsOf(def);
  const nodes = checkYamlCaps(yamlSpec, caps);
  if (def.raw) return readText(yamlSpec, caps);
  channel.limits.spendNodes(method, nodes);
  return def.sensitive ? parseBoundedYaml(yamlSpec, caps) : readShortYaml(yamlSpec, nodes, caps);
}

/** Throws "node-failed" when the spec is not what this type holds, "misbehaving" when it is larger than any. */
export function decodeResource<Spec>(
  channel: Channel,
  def: ResourceDef<Spec>,
  resource: WireResource,
  method: string,
): Resource<Spec> {
  spendChange(channel, resource.metadata, method);
  const metadata = decodeMetadata(resource.metadata);
  try {
    return { ...metadata, spec: def.spec.parse(readValue({ channel, def, method }, resource.spec?.yamlSpec ?? "")) };
  } catch (error) {
    if (error instanceof TalosError) throw error;
    if (error instanceof YamlTooMuch) throw channel.limits.accuse(method, `a spec of ${def.type} with ${error.what}`);
    throw new TalosError(`${channel.address.text} sent a ${def.type} that cannot be read.`, {
      kind: "node-failed",
      method,
      address: channel.address.text,
      // What was read may be a secret; the reason alone tells which field it is.
      ...(def.sensitive ? {} : { details: `${metadata.id}: ${errorMessage(error)}` }),
    });
  }
}

/** What a resource holds of memory, about: its texts as they were sent. */
export const bytesOf = ({ metadata, spec }: WireResource): number =>
  Object.entries({ ...metadata?.labels, ...metadata?.annotations }).reduce(
    (sum, [key, value]) => sum + key.length + value.length,
    (metadata?.id.length ?? 0) + (spec?.yamlSpec.length ?? 0) + 256,
  );
