"use client";

import { useEffect, useState } from "react";
import type { ProofWays } from "@/lib/people/schema";
import { type OperationFailure, useOperation } from "./use-operation";

const noPasskey: OperationFailure = {
  code: "refused",
  message: "The browser showed no passkey.",
  hint: "Try again, or use your password.",
};

/** Asks the server what proves it, and proves it. `ways` is null until the answer is there. */
export function useProof(onProven: () => void) {
  const [ways, setWays] = useState<ProofWays | null>(null);
  const [cancelled, setCancelled] = useState(false);
  const { run: start, error: startError, pending: starting } = useOperation("session.start-proof");
  const prove = useOperation("session.prove", { onDone: onProven });
  useEffect(() => void start({}).then((answer) => answer.ok && setWays(answer.data.ways)), [start]);

  /** With options of their own, since those of a dialog that stood open for long have ended. */
  const showPasskey = async (): Promise<void> => {
    setCancelled(false);
    prove.reset();
    const begun = await start({});
    if (!begun.ok || begun.data.ways.by !== "own" || begun.data.ways.passkey === null) return;
    const { startAuthentication } = await import("@simplewebauthn/browser");
    const options = { optionsJSON: begun.data.ways.passkey as never };
    const answer = await startAuthentication(options).catch(() => null);
    if (answer === null) return setCancelled(true);
    await prove.run({ by: "passkey", answer: answer as never });
  };

  return {
    ways,
    pending: prove.pending || (starting && ways !== null),
    fields: prove.error?.fields,
    /** What stands in no field. */
    error: cancelled ? noPasskey : (startError ?? (prove.error?.fields ? null : prove.error)),
    showPasskey,
    byPassword: (password: string, code: string | null) => {
      setCancelled(false);
      return prove.run({ by: "password", password, code });
    },
  };
}
