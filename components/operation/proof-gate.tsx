"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { offerProof } from "./ask-proof";

// Seldom needed, so that no page waits for it.
const ProofDialog = dynamic(() => import("./proof-dialog").then((file) => file.ProofDialog), { ssr: false });

/** Stands once in the frame of the console: asks for a proof where something sensitive needs one, and answers whoever asked. */
export function ProofGate() {
  const [answer, setAnswer] = useState<((proven: boolean) => void) | null>(null);
  useEffect(() => {
    offerProof(
      () =>
        new Promise((resolve) =>
          setAnswer((asked: ((proven: boolean) => void) | null) => {
            // One question at a time: an older one that is still open counts as declined.
            asked?.(false);
            return resolve;
          }),
        ),
    );
    return () => offerProof(null);
  }, []);
  if (answer === null) return null;
  return (
    <ProofDialog
      onAnswer={(proven) => {
        setAnswer(null);
        answer(proven);
      }}
    />
  );
}
