import "server-only";
import { AppError } from "@/lib/core/errors";
import { heldSentence } from "@/lib/inventory/boot-watch/attention";
import { type ProofInput, proveUpgrade, type UpgradeProof } from "./proof";
import { isBadReturn, tellBadReturn } from "./return-story";
import { type StepContext, type StepResult, sentenceOf, tryRead, withNode } from "./step-context";

async function askKubernetes(ctx: StepContext): Promise<ProofInput["kubernetes"]> {
  const nodename = ctx.row.before?.nodename ?? null;
  if (!ctx.clusterId || nodename === null) return { unavailable: "It has no Kubernetes node." };
  try {
    const kubernetes = await ctx.ports.openKubernetes(ctx.clusterId, ctx.signal);
    try {
      return { node: await kubernetes.node(nodename, ctx.signal) };
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (error instanceof AppError) return { unavailable: sentenceOf(error), refused: error.code === "refused" };
    throw error;
  }
}

type Look = {
  proof: UpgradeProof | null;
  rolledBack: StepResult | null;
  /** Why there is no proof, as far as the node says it. */
  away: string;
  /** When and in which boot it was read, in a sentence. */
  basis: string;
  bootId: string | null;
  /** Kubernetes does not take us: that does not pass by waiting. */
  kubernetesRefused: boolean;
};

/** What a verdict rests on: `Read at 12:03:04 UTC in the boot 1f0c9a3e.` */
const basisOf = (nowMs: number, bootId: string): string =>
  `Read at ${new Date(nowMs).toISOString().slice(11, 19)} UTC in the boot ${bootId.slice(0, 8)}.`;

/** Reads everything that the proof asks for, once. A node that is away, or has fallen back, has no proof. */
export async function lookAtProof(ctx: StepContext): Promise<Look> {
  const none: Look = { proof: null, rolledBack: null, away: "", basis: "", bootId: null, kubernetesRefused: false };
  let { away } = none;
  const reading = await tryRead(ctx, (sentence) => (away = sentence));
  if (!reading) return { ...none, away };
  if (isBadReturn(ctx.row, reading)) return { ...none, rolledBack: await tellBadReturn(ctx, reading) };
  try {
    const hardware = await withNode(ctx, "reader", (port) => port.readHardware());
    const [wantedExtensions, profiles, kubernetes] = await Promise.all([
      ctx.ports.extensionsOfSchematic(ctx.row.toSchematicId),
      ctx.ports.profilesOf(ctx.row.nodeId),
      askKubernetes(ctx),
    ]);
    const input = { row: ctx.row, reading, hardware, profiles, wantedExtensions, kubernetes };
    const { bootId } = reading;
    return {
      ...none,
      ...{ proof: proveUpgrade(input), bootId, basis: basisOf(ctx.ports.nowMs(), bootId) },
      kubernetesRefused: "refused" in kubernetes && kubernetes.refused === true,
    };
  } catch (error) {
    ctx.signal.throwIfAborted();
    // As in tryRead: shortly after a restart a node may refuse what it answers a moment later.
    return { ...none, away: sentenceOf(error) };
  }
}

/** What holds the node's boot, in its services' own words; empty where none is named or they cannot be read now. */
export async function heldBoot(ctx: StepContext): Promise<string> {
  try {
    const { waiting } = await withNode(ctx, "reader", (port) => port.readHardware());
    if (waiting.length === 0) return "";
    const holders = waiting.map(({ id, state, message }) => ({
      kind: "service" as const,
      name: id,
      message: message || state,
    }));
    // Stryker disable next-line StringLiteral: the stage is said only where nothing holds it
    return heldSentence({ stage: "booting", holders });
  } catch (error) {
    ctx.signal.throwIfAborted();
    sentenceOf(error);
    return "";
  }
}
