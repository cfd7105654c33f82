import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { schematicId } from "@/lib/schematic/canonical";
import type { SchematicDocument } from "@/lib/schematic/document";
import type { PlanNodeFacts } from "./plan-facts";

/** The schematic that a node's new image is built from, and where it comes from. */
export type ImageSource = {
  schematicId: string;
  document: SchematicDocument | null;
  /** `plain`: it runs an image without a schematic, and gets the one that holds the same. */
  from: "recorded" | "running" | "plain";
};

/** The official name of an extension that tells itself as `iscsi-tools`; undefined where no release offers it. */
function officialName(name: string, offered: readonly string[]): string | undefined {
  return offered.find((official) => official === `siderolabs/${name}`);
}

/**
 * The document that holds what a node without a schematic runs: none for a plain installer, its extensions for one that
 * somebody built. Null with a reason where the factory has no such extension.
 */
function documentOfPlain(node: PlanNodeFacts, extensions: readonly string[]): SchematicDocument | { reason: string } {
  if (extensions.length === 0) return {};
  const offered = officialExtensionsOf(node.version ?? "") ?? [];
  const named = extensions.map((name) => [name, officialName(name, offered)] as const);
  const foreign = named.filter(([, official]) => official === undefined).map(([name]) => name);
  if (foreign.length > 0) {
    return {
      reason: `It runs an image of its own with ${foreign.join(", ")}, which no image factory offers: an image from there would lose it. Build its next image as the last one was built, and upgrade it with talosctl.`,
    };
  }
  const officialExtensions = named.flatMap(([, official]) => official ?? []).sort();
  return { customization: { systemExtensions: { officialExtensions } } };
}

/**
 * Which image a node is to have: that of its recorded schematic, else of the one that runs, else the one that holds what it
 * runs without a schematic. A node of which none of these is known is left out: a guess could strip its extensions.
 */
export function imageSourceOf(node: PlanNodeFacts): ImageSource | { skip: string } {
  const { recordedSchematicId: recorded, runningSchematicId: running, plainExtensions } = node;
  if (recorded) return { schematicId: recorded, document: node.recordedDocument, from: "recorded" };
  if (running) return { schematicId: running, document: node.runningDocument, from: "running" };
  if (plainExtensions === null) {
    return {
      skip: "It does not say what its image holds, and an upgrade could strip its extensions. Plan again once it is ready.",
    };
  }
  const document = documentOfPlain(node, plainExtensions);
  if ("reason" in document) return { skip: document.reason };
  return { schematicId: schematicId(document), document, from: "plain" };
}
