"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { InputOf } from "@/lib/api/operations";
import type { OperationFailure } from "@/components/operation/use-operation";
import { paths } from "@/lib/core/paths";
import type { PlanFrame, UpgradePlan } from "@/lib/upgrades/schema";

export type PlanAsked = Omit<InputOf<"upgrade.plan">, "fresh">;
export type PlanProgress = { answered: number; of: number };

/** Ticks in the picker come quickly one after another: the last of them is planned. */
const settleMs = 250;

const lost: OperationFailure = {
  code: "unavailable",
  message: "The plan could not be fetched: the console did not answer.",
  hint: "Check the connection, and plan again.",
};

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = `${rest}${value ?? ""}`.split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    yield* lines.filter((line) => line !== "");
    if (done) return;
  }
}

type Outcome = { plan: UpgradePlan } | { error: OperationFailure };

/** Asks for a plan and follows it to its end. @throws when it was aborted, or the connection was lost. */
async function fetchPlan(
  input: PlanAsked & { fresh: boolean },
  signal: AbortSignal,
  onProgress: (progress: PlanProgress) => void,
): Promise<Outcome> {
  const response = await fetch(paths.planStream(), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
    signal,
  });
  if (!response.ok) return { error: ((await response.json()) as { error: OperationFailure }).error };
  for await (const line of linesOf(response.body ?? new ReadableStream())) {
    const frame = JSON.parse(line) as PlanFrame;
    if (frame.kind === "progress") onProgress(frame);
    else return frame.kind === "plan" ? { plan: frame.plan } : { error: frame.error as OperationFailure };
  }
  return { error: lost };
}

/**
 * The plan for what is chosen, made anew a moment after each change. One that is not wanted any more is given up, on the server
 * as well. `plan` is only ever that of the present choice.
 */
export function usePlan(asked: PlanAsked | null) {
  const [shown, setShown] = useState<(Outcome & { key: string }) | null>(null);
  const [progress, setProgress] = useState<PlanProgress | null>(null);
  const [round, setRound] = useState(0);
  const plannedRound = useRef(0);
  const text = asked === null ? null : JSON.stringify(asked);
  const key = `${round} ${text}`;
  useEffect(() => {
    if (text === null) return;
    const leaving = new AbortController();
    // Planning again is asked for to hear what is so now.
    const fresh = plannedRound.current !== round;
    const timer = setTimeout(() => {
      plannedRound.current = round;
      setProgress(null);
      fetchPlan({ ...(JSON.parse(text) as PlanAsked), fresh }, leaving.signal, setProgress)
        .catch((): Outcome => ({ error: lost }))
        .then((outcome) => {
          if (!leaving.signal.aborted) setShown({ ...outcome, key });
        });
    }, settleMs);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text, round, key]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  const current = text !== null && shown?.key === key ? shown : null;
  return {
    plan: current && "plan" in current ? current.plan : null,
    error: current && "error" in current ? current.error : null,
    planning: text !== null && current === null,
    progress,
    again,
  };
}
