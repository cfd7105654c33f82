import "server-only";
import { AppError } from "@/lib/core/errors";
import { readCards } from "@/lib/gpu/chain-reading";
import { formatDuration } from "@/lib/core/units";
import { isTalosError } from "@/lib/talos/errors";
import { judgeNode } from "./judge";
import type { NodeReading, PullLayer } from "./ports";
import {
  type StepContext,
  type StepResult,
  call,
  isAway,
  note,
  overFlaps,
  readNode,
  save,
  sentenceOf,
  withNode,
} from "./step-context";
import { tellBadReturn } from "./return-story";
import { Throttle } from "./throttle";
import { withWatchdog } from "./watchdog";

/** Looks at a node before it is touched: is it still what the plan saw? Null when it is. */
export async function preflightNode(ctx: StepContext): Promise<StepResult | null> {
  try {
    const reading = await readNode(ctx);
    const verdict = judgeNode(ctx.row, reading);
    if (verdict === "rolled-back") {
      const told = await tellBadReturn(ctx, reading);
      if (told.event === "rolled-back") return told;
      // Taken up again after its installer was cut off: the slot that works is the one that runs.
      await save(ctx, { installBootId: null, installExit: null, rebootBootId: null });
      await note(ctx, told.reason ?? "");
    }
    if (verdict === "returned") return { event: "returned" };
    // One that is repaired runs its image, and lacks a part of it.
    if (verdict === "already-there" && ctx.plan.repairs.length === 0) {
      return { event: "already-there", reason: `It runs ${reading.version} with this schematic already.` };
    }
    if (verdict === "moved") {
      return {
        event: "failed",
        reason: `It runs ${reading.version} now, and not what the plan was made for. Make a new plan.`,
      };
    }
    if (ctx.row.before === null) await keepBefore(ctx, reading);
    return null;
  } catch (error) {
    return { event: "failed", reason: sentenceOf(error) };
  }
}

/** Reads each GPU's proof chain and keeps it with the run: what held before the first call has to hold after the last. */
async function keepBefore(ctx: StepContext, reading: NodeReading): Promise<void> {
  const hardware = await overFlaps(ctx, () => withNode(ctx, "reader", (port) => port.readHardware()));
  const allocatableGpus = await readAllocatable(ctx, reading.nodename);
  const profiles = await ctx.ports.profilesOf(ctx.row.nodeId);
  const named = reading.schematicId === null ? null : await ctx.ports.extensionsOfSchematic(reading.schematicId);
  const extensions = named ?? hardware.runningSchematic?.extensions ?? null;
  const allocatable =
    allocatableGpus &&
    Object.fromEntries(Object.entries(allocatableGpus).map(([name, count]) => [name, String(count)]));
  const cards = readCards({
    ...hardware,
    kernelLog: hardware.kernelLog ?? [],
    runningSchematic: hardware.runningSchematic && { ...hardware.runningSchematic, extensions },
    profiles,
    allocatable,
  });
  await save(ctx, {
    bootIdBefore: reading.bootId,
    before: {
      extensions: (hardware.extensions ?? []).map(({ name }) => name),
      modules: hardware.modules?.slice() ?? null,
      gpuAddresses: hardware.gpus.map(({ pciAddress }) => pciAddress),
      nodename: reading.nodename,
      allocatableGpus,
      cards,
      imageExtensions: extensions?.slice() ?? null,
    },
  });
}

async function readAllocatable(ctx: StepContext, nodename: string | null): Promise<Record<string, number> | null> {
  const { clusterId } = ctx;
  if (!clusterId || !nodename) return null;
  try {
    // What is not known now counts as nothing to be lost later, so one dropped connection must not decide it.
    return await overFlaps(ctx, async () => {
      const kubernetes = await ctx.ports.openKubernetes(clusterId, ctx.signal);
      try {
        return (await kubernetes.node(nodename, ctx.signal))?.allocatableGpus ?? null;
      } finally {
        kubernetes.close();
      }
    });
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (error instanceof AppError) return null;
    throw error;
  }
}

class Stalled extends AppError {
  constructor(
    silentMs: number,
    /** Before its first layer it may be that the factory builds the image, which it does when it is first asked for it. */
    readonly begun: boolean,
  ) {
    super("unavailable", `The pull made no progress for ${formatDuration(silentMs)}.`, {
      hint: "Check that the node reaches the image factory's registry, then retry.",
    });
  }
}

/**
 * Follows one pull to its end, and gives the image's pinned name. Talos skips a reference that the node holds already, which shows in a
 * pull without a single layer (internal/pkg/containers/image, seen on v1.14.0-rc.1).
 * @throws Stalled when no layer moves for `pullStallMs`; whatever the stream throws. */
async function pullOnce(ctx: StepContext): Promise<string> {
  const { ports, policy, tuning } = ctx;
  const layers = new Map<string, PullLayer>();
  const unpackedSince = new Map<string, number>();
  const show = async () =>
    ctx.journal.write({ events: [{ kind: "layers", nodeId: ctx.row.nodeId, layers: [...layers.values()] }] });
  const throttle = new Throttle<null>(tuning.progressMs, show, (ms) => ports.sleep(ms, ctx.signal));
  const moved = (layer: PullLayer): boolean => {
    const known = layers.get(layer.id);
    // A frame that repeats the same offset is a sign of life of the connection, not of the download.
    if (!known || known.status !== layer.status || known.offsetBytes !== layer.offsetBytes) return true;
    // Unpacking has no offset: the node repeats that it goes on, for as long as a slow disk takes.
    return (
      layer.status === "extracting" &&
      ports.nowMs() - (unpackedSince.get(layer.id) ?? Number.NEGATIVE_INFINITY) < tuning.unpackTimeoutMs
    );
  };
  const overdue = () => new Stalled(policy.pullStallMs, layers.size > 0);
  const pulled = await withWatchdog(ctx, { limitMs: policy.pullStallMs, overdue }, async (signal, alive) => {
    let name: string | null = null;
    await withNode(ctx, "operator", async (port) => {
      for await (const frame of port.pull(ctx.row.image, signal)) {
        if (frame.kind === "pulled") {
          name = frame.name;
          continue;
        }
        const { layer } = frame;
        if (moved(layer)) alive();
        if (layer.status === "extracting" && !unpackedSince.has(layer.id)) unpackedSince.set(layer.id, ports.nowMs());
        layers.set(layer.id, layer);
        throttle.push(null);
      }
    });
    return name;
  });
  await throttle.drain();
  if (pulled === null) throw new AppError("unavailable", "The pull ended without naming the image.");
  if (layers.size === 0) {
    await note(
      ctx,
      "The node holds this image already, so Talos did not fetch it again. If its tag was moved at the registry since, the node installs the copy that it has.",
    );
  }
  return pulled;
}

const pullTries = 3;

/** Is another pull worth it? Talos tries once per call, and says "unknown" of whatever a registry answered. */
const mayHeal = (error: unknown): boolean =>
  error instanceof Stalled ? !error.begun : isAway(error) || isTalosError(error, "node-failed");

/**
 * Pulls the installer image into the node's store while it goes on working. A stall in the middle fails at once: the registry
 * is not there, and waiting longer with every other node ready only hides it.
 */
export async function stepPull(ctx: StepContext): Promise<StepResult> {
  if (ctx.row.flow === "legacy") {
    await note(ctx, "Talos 1.12 and older pull the image within the upgrade call.");
    return { event: "pulled" };
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const name = await call(ctx, "ImageService.Pull", "node.pull-image", ctx.row.image, () => pullOnce(ctx));
      await save(ctx, { pulledImage: name });
      return { event: "pulled" };
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (isTalosError(error, "unimplemented")) {
        await save(ctx, { flow: "legacy" });
        await note(ctx, "This Talos has no pull of its own: it pulls within the upgrade call.");
        return { event: "pulled" };
      }
      if (attempt >= pullTries || !mayHeal(error)) return { event: "failed", reason: sentenceOf(error) };
      await ctx.ports.sleep(ctx.tuning.pollMs * attempt, ctx.signal);
    }
  }
}
