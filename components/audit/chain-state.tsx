"use client";

import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { buttonClass } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import type { AuditStatus } from "@/lib/audit/schema";
import { paths } from "@/lib/core/paths";
import { CompareHead } from "./compare-head";

const number = (seq: number): string => `#${seq.toLocaleString("en")}`;

function Verdict({ status }: { status: AuditStatus }) {
  switch (status.state) {
    case "unverified":
      return <Status tone="idle">Not verified since the start</Status>;
    case "broken":
      return (
        <Status tone="bad" reason={status.reason}>
          Broken at {number(status.seq)}
        </Status>
      );
    case "intact":
      if (status.seq === 0) return <Status tone="idle">No entry yet</Status>;
      return (
        <Status
          tone="ok"
          icon={ShieldCheck}
          reason={
            status.fullAtMs !== null && (
              <>
                All of it checked <RelativeTime atMs={status.fullAtMs} />
                {status.firstSeq > 1 && `, from ${number(status.firstSeq)}: older entries were removed by the rules`}
              </>
            )
          }
        >
          Intact up to {number(status.seq)}, verified <RelativeTime atMs={status.checkedAtMs} />
        </Status>
      );
  }
}

/** How far the log's chain of hashes was verified, and the ways to verify it anew or against a head kept elsewhere. */
export function ChainState({ initial }: { initial: AuditStatus }) {
  const [status, setStatus] = useState(initial);
  const refusal = useRoleRefusal("auditor");
  const { run, pending, error } = useOperation("audit.verify", { onDone: (data) => setStatus(data.status) });
  return (
    <section aria-label="Chain of the audit log" className="space-y-3 rounded-lg border bg-surface p-3.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div role="status" className="min-w-0 basis-64">
          <Verdict status={status} />
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {status.state === "intact" && (
            <CopyButton text={`${status.seq}:${status.hash}`} label="Copy the head: number and hash" />
          )}
          {refusal === null && (
            <a href={paths.auditExport()} className={buttonClass()} download>
              <Download aria-hidden /> Export
            </a>
          )}
          <GatedButton reason={refusal} pending={pending} onClick={() => void run({ full: true })}>
            Verify all
          </GatedButton>
        </div>
      </div>
      <OperationError error={error} />
      {refusal === null && <CompareHead onStatus={setStatus} />}
    </section>
  );
}
