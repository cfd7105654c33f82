import "server-only";
import { AppError } from "@/lib/core/errors";
import type { TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import { withNodeClient } from "../access";
import type { NodeFacts } from "../facts";
import { sameTask, toldTask } from "../tasks";
import { extensionsInImage } from "./image-contents";
import { onNodeText } from "./node-text";
import type { ConfigReading } from "./schema";

type Call = { signal?: AbortSignal | undefined };
const withSignal = ({ signal }: Call) => (signal ? { signal } : {});

/** A node's configs, whole. Secret. */
export type NodeConfigs = {
  /** Of the node. */
  address: string;
  /** What runs. */
  active: string;
  /** What the next boot takes in its place; null where that is the same. */
  staged: { text: string; sinceMs: number | null } | null;
  /** The one that runs is on trial, and another one comes back by itself. */
  onTrial: boolean;
};

/**
 * Reads the config that runs and what lies on disk for the next boot (`MachineConfigs` `v1alpha1` and `persistent`; Talos role os:admin).
 * They differ while a config is staged, and while one is on trial: the one that was written last tells which
 * (`ApplyConfiguration` of 1.9 to 1.14). After a boot from disk alone there is no `persistent` one (`config/acquire.go`).
 * @throws TalosError
 */
export async function readNodeConfigs(client: TalosClient, call: Call = {}): Promise<NodeConfigs> {
  const options = withSignal(call);
  const active = await client.get(resourceDefs.machineConfig, undefined, options);
  const persistent = await client.get(resourceDefs.machineConfig, "persistent", options).catch((error: unknown) => {
    if (isTalosError(error, "not-found")) return null;
    throw error;
  });
  const { address } = client;
  const same =
    !persistent ||
    persistent.spec === active.spec ||
    (await onNodeText(
      sameTask,
      { one: persistent.spec, other: active.spec },
      { address, texts: [persistent.spec, active.spec], ...withSignal(call) },
    ));
  if (same) return { address, active: active.spec, staged: null, onTrial: false };
  if (active.updatedMs !== null && persistent.updatedMs !== null && active.updatedMs > persistent.updatedMs) {
    return { address, active: active.spec, staged: null, onTrial: true };
  }
  return {
    address,
    active: active.spec,
    staged: { text: persistent.spec, sinceMs: persistent.updatedMs },
    onTrial: false,
  };
}

/** What is kept of a node's configs: nothing secret. */
export async function configReadingOf(
  { address, active, staged }: NodeConfigs,
  atMs: number,
  call: Call = {},
): Promise<ConfigReading> {
  const texts = { active, staged: staged?.text ?? null };
  const whose = { address, texts: [active, staged?.text ?? ""], ...withSignal(call) };
  const told = await onNodeText(toldTask, texts, whose);
  const { installImage, hash } = told;
  return {
    atMs,
    installImage,
    installExtensions: installImage === null ? null : await extensionsInImage(installImage, call.signal),
    hash,
    staged: staged && told.staged && { sinceMs: staged.sinceMs, ...told.staged },
  };
}

/**
 * Reads a node's config in one step: opens an administrator's connection, keeps what `configReadingOf` keeps, and closes it. Where the
 * credentials are not enough, the reason is the reading.
 * @throws AppError where the node cannot be read now: what was read before stays, with its age.
 */
export async function readConfigFacts(nodeId: string, call: Call = {}): Promise<Partial<NodeFacts>> {
  try {
    return await withNodeClient(
      nodeId,
      "admin",
      async (client) => {
        const config = await configReadingOf(await readNodeConfigs(client, call), Date.now(), call);
        return { config, configUnread: null };
      },
      withSignal(call),
    );
  } catch (error) {
    const lasting = error instanceof AppError && ["refused", "forbidden", "invalid-input"].includes(error.code);
    // A reader's complaint may quote what it read, and that is secret.
    if (lasting && error.code === "invalid-input" && !isTalosError(error)) {
      return { configUnread: "Its config could not be read as a machine config." };
    }
    if (lasting && !isTalosError(error, "precondition")) return { configUnread: error.message };
    throw error;
  }
}
