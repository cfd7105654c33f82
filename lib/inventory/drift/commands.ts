import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { offThread } from "@/lib/core/off-thread/pool";
import type { TalosClient } from "@/lib/talos/client";
import { withNodeClient } from "../access";
import { type Applied, prove, rememberConfig } from "../config-commands";
import { installPatch } from "../config-plan";
import { fleet } from "../fleet";
import { holdNode } from "../guard/hold-node";
import { requirePossible } from "../node-commands";
import type { NodeState } from "../node-state";
import { refreshNodes } from "../refresh";
import { sendConfig } from "../send-config";
import { documentsTask, planTask, summaryTask } from "../tasks";
import { foundRecordOf, storeFound } from "./as-found";
import { readNodeConfigs } from "./read-config";

function stateOf(nodeId: string): NodeState {
  const state = fleet().state(nodeId);
  if (!state) throw new AppError("not-found", "This node is not (or no longer) there.");
  return state;
}

export type Recorded = { name: string; schematicId: string; installImage: string | null; profileIds: string[] };

/**
 * Makes the record true: what the node runs becomes what is recorded, with the built-in profiles that cover it exactly. Nothing is sent to the
 * node.
 * @throws AppError `refused` where the node runs no schematic, or one whose document nobody knows.
 */
export async function recordRunning(ctx: Ctx<Grants["operator"]>, nodeId: string): Promise<Recorded> {
  const { name } = requirePossible(nodeId, "recordRunning");
  const state = stateOf(nodeId);
  if (state.facts.runningSchematicId === null) {
    throw new AppError("refused", `${name} runs an image without a schematic, so there is none to record.`, {
      hint: "An upgrade brings it to an image of the Image Factory that holds the same.",
    });
  }
  const found = await foundRecordOf(state);
  if (!found) {
    throw new AppError(
      "refused",
      `What is in the schematic that ${name} runs is known neither here nor to the factory.`,
      {
        hint: "Register its document with the Image Factory of the settings, then try again.",
      },
    );
  }
  await holdNode(ctx, { nodeId, operation: "node.record-running" }, async () => {
    await storeFound([found], { onlyUnrecorded: false });
    await refreshNodes([nodeId]);
  });
  const { form, installImage, profileIds } = found;
  return { name, schematicId: form.id, installImage, profileIds };
}

export type Restored = {
  name: string;
  installImage: string;
  proof: Applied["proof"];
  /** The node runs another schematic than the recorded one: an upgrade installs it. */
  upgradeNeeded: boolean;
};

/**
 * Makes the node true: puts the recorded installer image into the node's own config, which is all that is changed, without a restart, and reads
 * it back. Where another schematic runs than is recorded, an upgrade still has to install it.
 * @throws AppError `refused` where nothing is recorded, the config has no place for it, or a change is staged or on trial: it would be lost.
 */
export async function applyRecordedImage(ctx: Ctx<Grants["admin"]>, nodeId: string): Promise<Restored> {
  const { name } = requirePossible(nodeId, "applyConfig");
  const { installImage } = stateOf(nodeId).record;
  if (installImage === null) {
    throw new AppError("refused", `No installer image is recorded for ${name}.`, {
      hint: "Record what it runs, or assign a GPU profile.",
    });
  }
  return holdNode(ctx, { nodeId, operation: "node.apply-recorded-image" }, () =>
    withNodeClient(nodeId, "admin", (client) => putImage(client, { nodeId, name, installImage })),
  );
}

async function putImage(
  client: TalosClient,
  { nodeId, name, installImage }: { nodeId: string; name: string; installImage: string },
): Promise<Restored> {
  const { record, facts } = stateOf(nodeId);
  const { active, staged, onTrial } = await readNodeConfigs(client);
  if (staged !== null || onTrial) {
    const what = staged ? "A change of its config is staged for the next boot" : "Its config is on trial";
    throw new AppError("refused", `${what}: applying another one now would mix the two.`, {
      hint: "Decide on that change first, on the node's Config page.",
    });
  }
  const patch = installPatch(await offThread(documentsTask, active), installImage);
  if (patch === null) {
    throw new AppError(
      "refused",
      `The config of ${name} has no install section, so a reinstall does not come from it.`,
    );
  }
  const planned = await offThread(planTask, {
    before: active,
    patches: [patch],
    talosVersion: facts.talosVersion,
    platform: null,
  });
  const error = planned.issues.find(({ severity }) => severity === "error");
  if (error) throw new AppError("refused", `Talos would not take this config: ${error.path}: ${error.message}`);
  const { mode } = await sendConfig(client, planned, { mode: "no-reboot" });
  const summary = await offThread(summaryTask, { before: active, after: planned.after });
  await rememberConfig(nodeId, planned.after, summary.join(" "));
  const upgradeNeeded = facts.runningSchematicId !== null && facts.runningSchematicId !== record.schematicId;
  return { name, installImage, proof: await prove(client, nodeId, mode, planned.hash), upgradeNeeded };
}
