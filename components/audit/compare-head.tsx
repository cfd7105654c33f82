"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import type { Tone } from "@/components/ui/tone";
import type { AuditStatus, HeadVerdict } from "@/lib/audit/schema";

const words: Record<HeadVerdict, { tone: Tone; title: string }> = {
  "in-chain": { tone: "ok", title: "It is in the chain: everything up to it is what it was." },
  differs: { tone: "bad", title: "That entry has another hash now: the log was computed anew." },
  "beyond-end": { tone: "bad", title: "The log ends before it: newer entries were cut off." },
  removed: { tone: "info", title: "It is older than what is kept, so it cannot be compared." },
  "not-verified": { tone: "bad", title: "The chain is broken before it, so it says nothing." },
};

/** As the server takes it (lib/audit/schema.ts), whose reader would be a tenth of the page. */
const headForm = /^\s*([1-9]\d{0,14})\s*:\s*([0-9a-f]{12,64})\s*$/i;

/** Compares a head that was kept elsewhere (the server's log, metrics, an export) with the chain. */
export function CompareHead({ onStatus }: { onStatus: (status: AuditStatus) => void }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [verdict, setVerdict] = useState<HeadVerdict | null>(null);
  const { run, pending, error } = useOperation("audit.verify", {
    onDone: (data) => {
      onStatus(data.status);
      setVerdict(data.expectedHead);
    },
  });
  const compare = () => {
    const [, seq, hash] = headForm.exec(text) ?? [];
    setVerdict(null);
    setWrong(hash === undefined ? "Give the number, a colon and the hash, such as 120:9f86d081884c." : null);
    if (hash !== undefined) void run({ expectedHead: { seq: Number(seq), hash } });
  };
  return (
    <Disclosure label="Compare with a head that was kept elsewhere">
      <form
        className="mt-2 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          compare();
        }}
      >
        <div className="flex flex-wrap items-start gap-2">
          <Field
            label="Head"
            hint="Number and hash, as in the server's log: 120:9f86d081884c…"
            error={wrong}
            className="min-w-0 flex-1 basis-56"
          >
            {(control) => (
              <Input
                {...control}
                className="font-mono text-xs"
                value={text}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" pending={pending} className="mt-6">
            Compare
          </Button>
        </div>
        {verdict && <Notice tone={words[verdict].tone} title={words[verdict].title} live />}
        <OperationError error={error} />
      </form>
    </Disclosure>
  );
}
