import "server-only";
import { shownLine } from "@/lib/core/shown-line";
import { AppError } from "@/lib/core/errors";
import { formatDuration } from "@/lib/core/units";
import { isTalosError } from "@/lib/talos/errors";
import { judgeNode } from "./judge";
import { mayInstall } from "./machine";
import { tellBadReturn } from "./return-story";
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
import { guardQuorum, takeSnapshot } from "./step-guard";
import { installerExitSentence } from "./text";
import { Throttle } from "./throttle";
import { withWatchdog } from "./watchdog";

type Ended = { kind: "exit"; code: number } | { kind: "lost" } | { kind: "busy" } | { kind: "silent" };

/** The installer says nothing any more, while its stream is open. */
class InstallerSilent extends Error {}

/** Runs the installer once and follows it. Its lines are stored as they come, several at a time. */
async function installOnce(ctx: StepContext, limitMs: number): Promise<Ended> {
  const { row, ports } = ctx;
  const startedMs = ports.nowMs();
  const overdue = () => new AppError("unavailable", "The installer has not ended in time.");
  // It says what it does, step by step; the longest of them writes some 100 MB.
  const silent = () => new InstallerSilent();
  const show = (lines: string[]) =>
    ctx.journal.write({
      events: lines.map((line) => ({ kind: "installer-line", nodeId: row.nodeId, text: shownLine(line) })),
    });
  const throttle = new Throttle<string>(ctx.tuning.progressMs, show, (ms) => ports.sleep(ms, ctx.signal));
  let code: number | null = null;
  let lines = 0;
  try {
    await call(ctx, "LifecycleService.Upgrade", "node.install", row.pulledImage ?? row.image, () =>
      // An installer that hangs holds the stream open for ever.
      withWatchdog(ctx, { limitMs: Math.min(limitMs, ctx.policy.stallMs), overdue: silent }, (signal, alive) =>
        withNode(ctx, "admin", async (port) => {
          for await (const frame of port.install(row.pulledImage ?? row.image, signal)) {
            if (ports.nowMs() - startedMs >= limitMs) throw overdue();
            alive();
            if (frame.kind === "exit") code = frame.code;
            else if (++lines <= 5_000) throttle.push(frame.text);
          }
          await throttle.drain();
          // The call itself answers OK whatever the installer did; only its exit code says how it ended.
          if (code === null) throw new AppError("unavailable", "The installer's stream ended without its exit code.");
        }),
      ),
    );
  } catch (error) {
    ctx.signal.throwIfAborted();
    await throttle.drain();
    if (isTalosError(error, "precondition") && /in progress/i.test(`${error.message} ${error.details ?? ""}`))
      return { kind: "busy" };
    if (error instanceof InstallerSilent) return { kind: "silent" };
    if (isAway(error)) return { kind: "lost" };
    throw error;
  }
  return code === null ? { kind: "lost" } : { kind: "exit", code };
}

async function ended(ctx: StepContext, code: number): Promise<StepResult> {
  await save(ctx, { installExit: code }, [{ kind: "installer-exit", nodeId: ctx.row.nodeId, code }]);
  return code === 0 ? { event: "installed" } : { event: "failed", reason: installerExitSentence(code) };
}

/**
 * Installs into the slot that is not running. The installer outlives a lost stream, and cannot be re-attached to: then the
 * call is repeated until it is not refused as busy any more, always within the same boot, where it writes the idle slot
 * again (internal/app/lifecycle/container.go: detached context, one try-lock).
 */
export async function stepInstall(ctx: StepContext): Promise<StepResult> {
  const deadlineMs = ctx.ports.nowMs() + ctx.tuning.installTimeoutMs;
  let waited = false;
  try {
    for (;;) {
      const reading = await readNode(ctx);
      const verdict = judgeNode(ctx.row, reading);
      if (verdict === "returned") return { event: "returned" };
      if (verdict === "rolled-back") return await tellBadReturn(ctx, reading);
      if (verdict === "moved")
        return { event: "failed", reason: `It runs ${reading.version} now: somebody else changed it.` };
      const { installBootId, installExit } = ctx.row;
      const earlier = installBootId === null ? null : { bootId: installBootId, exit: installExit };
      const may = mayInstall(earlier, reading.bootId, false);
      if (may.kind === "refused") return { event: "failed", reason: may.reason };
      if (may.kind === "installed") return { event: "installed" };
      if (may.kind === "start") {
        const refusal = (await guardQuorum(ctx)) ?? (await takeSnapshot(ctx));
        if (refusal !== null) return { event: "failed", reason: refusal };
        await save(ctx, { installBootId: reading.bootId, installExit: null });
      }
      const end = await installOnce(ctx, Math.max(1, deadlineMs - ctx.ports.nowMs()));
      if (end.kind === "exit") return await ended(ctx, end.code);
      if (end.kind === "silent") {
        const time = formatDuration(ctx.policy.stallMs);
        return {
          event: "lost",
          reason: `The installer has said nothing for ${time}: it hangs, or its disk is very slow. The node works on as it was. Look at its console and its disk; once the installer has ended, or the node was restarted, try again.`,
        };
      }
      if (end.kind === "busy" && may.kind === "start") {
        // Not ours: nothing of this run has been started, so the next look must not take it for ours.
        await save(ctx, { installBootId: null });
        return {
          event: "failed",
          reason: "Another installation is at work on this node, which this run did not start.",
        };
      }
      if (ctx.ports.nowMs() >= deadlineMs) return { event: "lost", reason: "The installer has not ended in time." };
      if (!waited) await note(ctx, "Its end was not seen: waiting for the installer, which goes on by itself.");
      waited = true;
      await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (ctx.row.installBootId === null) return { event: "failed", reason: sentenceOf(error) };
    const away = isAway(error);
    return {
      event: "lost",
      reason: away
        ? `It went away while its installer was at work, and may have lost power: ${sentenceOf(error)} See to its console and its power supply. Once it is back, try again: what became of the installation is told then.`
        : sentenceOf(error),
    };
  }
}
