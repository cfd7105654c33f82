import { parse } from "yaml";
import { isNestedTooDeep } from "@/lib/core/yaml-nesting";
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
const cleaned = (map: Record<string, string> | undefined) =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [short(key), cleanText(value)]));

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

/** Aliases are refused: Talos writes none, and they turn a small text into a large value. Throws on what is not YAML. */
function readYaml(text: string): unknown {
  if (isNestedTooDeep(text)) throw new Error("nested too deep");
  return parse(text, { maxAliasCount: 0, schema: "core" });
}

// The machines of a fleet say the same in most of their specs, and each is read at every connection and watch; parsing is the
// larger part of the work. Values are shared, never handed out: a definition's schema makes new ones of them.
const recent = new Map<string, unknown>();
const recentEntries = 4096;
const recentChars = 1024;

function readShortYaml(text: string): unknown {
  if (text.length > recentChars) return readYaml(text);
  const known = recent.get(text);
  if (known !== undefined) return known;
  const value = readYaml(text);
  const oldest = recent.size >= recentEntries ? recent.keys().next() : null;
  if (oldest && !oldest.done) recent.delete(oldest.value);
  recent.set(text, value);
  return value;
}

/** A string scalar holds the text; a release that writes the document itself has given us the text already. */
function readText(text: string): string {
  try {
    const value = readYaml(text);
    return typeof value === "string" ? value : text;
  } catch {
    // Several documents, or a text that is for its reader to judge.
    return text;
  }
}

/** Sensitive ones are not kept. */
const readSpec = <Spec>({ raw, sensitive, spec }: ResourceDef<Spec>, yamlSpec: string): Spec =>
  spec.parse(raw ? readText(yamlSpec) : sensitive ? readYaml(yamlSpec) : readShortYaml(yamlSpec));

/** Throws "node-failed" when the spec is not what this type holds. */
export function decodeResource<Spec>(
  channel: Channel,
  def: ResourceDef<Spec>,
  resource: WireResource,
  method: string,
): Resource<Spec> {
  const metadata = decodeMetadata(resource.metadata);
  try {
    return { ...metadata, spec: readSpec(def, resource.spec?.yamlSpec ?? "") };
  } catch (error) {
    throw new TalosError(`${channel.address.text} sent a ${def.type} that cannot be read.`, {
      kind: "node-failed",
      method,
      address: channel.address.text,
      // What was read may be a secret; the reason alone tells which field it is.
      ...(def.sensitive ? {} : { details: `${metadata.id}: ${errorMessage(error)}` }),
    });
  }
}
