import "server-only";
import { AppError } from "@/lib/core/errors";
import { isTalosError } from "@/lib/talos/errors";
import { judgeNode, rolledBackSentence } from "./judge";
import type { PullLayer } from "./ports";
import {
  type StepContext,
  type StepResult,
  call,
  isAway,
  note,
  readNode,
  save,
  sentenceOf,
  withNode,
} from "./step-context";
import { Throttle } from "./throttle";

/** Looks at a node before it is touched: is it still what the plan saw? Null when it is. */
export async function preflightNode(ctx: StepContext): Promise<StepResult | null> {
  try {
    const reading = await readNode(ctx);
    const verdict = judgeNode(ctx.row, reading);
    if (verdict === "rolled-back") return { event: "rolled-back", reason: rolledBackSentence(ctx.row, reading) };
    if (verdict === "returned") return { event: "returned" };
    if (verdict === "already-there") {
      return { event: "already-there", reason: `It runs ${reading.version} with this schematic already.` };
    }
    if (verdict === "moved") {
      return {
        event: "failed",
        reason: `It runs ${reading.version} now, and not what the plan was made for. Make a new plan.`,
      };
    }
    if (ctx.row.before === null) {
      const hardware = await withNode(ctx, "reader", (port) => port.readHardware());
      const allocatableGpus = await readAllocatable(ctx, reading.nodename);
      await save(ctx, {
        bootIdBefore: reading.bootId,
        before: { ...hardware, nodename: reading.nodename, allocatableGpus },
      });
    }
    return null;
  } catch (error) {
    return { event: "failed", reason: sentenceOf(error) };
  }
}

async function readAllocatable(ctx: StepContext, nodename: string | null): Promise<Record<string, number> | null> {
  if (!ctx.clusterId || !nodename) return null;
  try {
    const kubernetes = await ctx.ports.openKubernetes(ctx.clusterId, ctx.signal);
    try {
      return (await kubernetes.node(nodename, ctx.signal))?.allocatableGpus ?? null;
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (error instanceof AppError) return null;
    throw error;
  }
}

class Stalled extends AppError {
  constructor(seconds: number) {
    super("unavailable", `The pull made no progress for ${seconds} s.`, {
      hint: "Check that the node reaches the image factory's registry, then retry.",
    });
  }
}

/** Follows one pull to its end. @throws Stalled when no layer moves for `pullStallMs`; whatever the stream throws. */
async function pullOnce(ctx: StepContext): Promise<string> {
  const { ports, policy } = ctx;
  const stop = new AbortController();
  const layers = new Map<string, PullLayer>();
  const show = async () =>
    ctx.journal.write({ events: [{ kind: "layers", nodeId: ctx.row.nodeId, layers: [...layers.values()] }] });
  const throttle = new Throttle<null>(ctx.tuning.progressMs, show, (ms) => ports.sleep(ms, ctx.signal));
  let stalled = false;
  let watch = new AbortController();
  const rearm = () => {
    watch.abort();
    const armed = (watch = new AbortController());
    ports.sleep(policy.pullStallMs, armed.signal).then(
      () => {
        stalled = true;
        stop.abort(new Stalled(policy.pullStallMs / 1000));
      },
      // Rearmed: there was progress.
      () => undefined,
    );
  };
  try {
    rearm();
    const signal = AbortSignal.any([ctx.signal, stop.signal]);
    let pulled: string | null = null;
    await withNode(ctx, "operator", async (port) => {
      for await (const frame of port.pull(ctx.row.image, signal)) {
        if (frame.kind === "pulled") {
          pulled = frame.name;
          continue;
        }
        const { layer } = frame;
        const known = layers.get(layer.id);
        // A frame that repeats the same offset is a sign of life of the connection, not of the download.
        if (!known || known.status !== layer.status || known.offsetBytes !== layer.offsetBytes) rearm();
        layers.set(layer.id, layer);
        throttle.push(null);
      }
    });
    await throttle.drain();
    if (pulled === null) throw new AppError("unavailable", "The pull ended without naming the image.");
    return pulled;
  } catch (error) {
    if (stalled) throw stop.signal.reason;
    throw error;
  } finally {
    watch.abort();
  }
}

const pullTries = 3;

/**
 * Pulls the installer image into the node's store while it goes on working. A stall fails at once: the registry is not
 * there, and waiting longer with every other node ready only hides it.
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
      if (error instanceof Stalled || attempt >= pullTries || !isAway(error)) {
        return { event: "failed", reason: sentenceOf(error) };
      }
      await ctx.ports.sleep(ctx.tuning.pollMs * attempt, ctx.signal);
    }
  }
}
