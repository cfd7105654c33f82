import { extensionWords, installWords } from "@/lib/inventory/drift/install-image";
import { currentExtensionName } from "@/lib/gpu/extension-catalogue";
import { emptySchematicId } from "@/lib/schematic/canonical";
import { extensionsOf, type SchematicDocument } from "@/lib/schematic/document";
import type { PlanNodeFacts } from "./plan-facts";
import type { PlanCheck } from "./schema";

type Verdict = { state: PlanCheck["state"]; detail: string };
type Input = {
  node: Pick<PlanNodeFacts, "config">;
  target: { schematicId: string | null; document: SchematicDocument | null };
};

function difference(contents: readonly string[] | null, document: SchematicDocument | null): string {
  if (!contents || !document) return "what a reinstall would lose is not known here";
  const held = contents.map(currentExtensionName);
  const lost = extensionsOf(document).filter((name) => !held.includes(currentExtensionName(name)));
  return lost.length > 0 ? `a reinstall would lose ${extensionWords(lost)}` : "a reinstall would bring another image";
}

/**
 * What a reinstall after this upgrade would bring: the install image in the node's own config beside the image that the node is to run. It
 * never stands in the way, since an upgrade names its image itself.
 */
export function checkInstallImage({ node: { config }, target }: Input): Verdict {
  if (config.state === "unknown") {
    return { state: "warning", detail: `What its config would install is not known: ${config.reason}` };
  }
  const { installImage: image, installSchematicId: install, installExtensions } = config;
  if (image === null) return { state: "ok", detail: "Its config names no install image." };
  if (install !== null && install === (target.schematicId ?? emptySchematicId)) {
    return { state: "ok", detail: "Its config installs the same schematic." };
  }
  const contents = install === emptySchematicId ? [] : installExtensions;
  const lost = difference(contents, target.document);
  return {
    state: "warning",
    detail: `Its config installs ${installWords(image)}, not the schematic that it will run: ${lost}. Apply the recorded image to its config.`,
  };
}

/** A change that waits for a restart: this upgrade's is one. */
export function checkStaged({ node: { config } }: Pick<Input, "node">): Verdict {
  const staged = config.state === "known" ? config.staged : null;
  if (!staged) return { state: "ok", detail: "No change of its config is known to be staged." };
  const what = staged.summary.slice(0, 3).join(" ");
  return { state: "warning", detail: `A change of its config is staged, and the restart brings it in: ${what}` };
}
