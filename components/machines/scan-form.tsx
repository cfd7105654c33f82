"use client";

import Link from "next/link";
import { useState } from "react";
import { useNodes, useScan, useScanAnswers } from "@/components/live/use-live";
import { gpuGroups } from "@/components/nodes/node-gpus";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Progress } from "@/components/ui/progress";
import { countOf } from "@/lib/core/units";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

const hardwareText = (node: NodeView): string =>
  gpuGroups(node.gpus)
    .map(({ model, count }) => (count > 1 ? `${model} ×${count}` : model))
    .join(", ") || "no GPU";

function Waiting() {
  const { nodes } = useNodes();
  const waiting = nodes.filter(({ stage, clusterId }) => stage === "maintenance" && clusterId === null);
  if (waiting.length === 0) return null;
  return (
    <section aria-label="Machines that wait for a config" className="rounded-lg border">
      <h3 className="px-3.5 py-2 font-semibold">Waiting for a config</h3>
      <ul className="divide-y border-t">
        {waiting.map((node) => (
          <li key={node.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-3.5 py-2">
            <span className="min-w-0">
              <Link href={paths.node(node.id)} className="font-medium hover:underline">
                {node.name}
              </Link>
              <span className="text-muted"> · {hardwareText(node)}</span>
              {node.maintenanceFingerprint && (
                <span className="block font-mono text-xs wrap-anywhere text-muted">{node.maintenanceFingerprint}</span>
              )}
            </span>
            <Link href={paths.node(node.id, "config")} className="underline underline-offset-3">
              Adopt…
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What else answered: machines that have a config, other things at the port, and what is odd about a machine that was found. */
function Others({ scanId }: { scanId: string | null }) {
  const answers = useScanAnswers(scanId);
  if (answers === null) return null;
  return (
    <section aria-label="What else answered" className="rounded-lg border">
      <h3 className="px-3.5 py-2 font-semibold">What else answered</h3>
      <ul className="divide-y border-t">
        {answers.answers.map(({ address, nodeId, sentence }) => (
          <li key={address} className="px-3.5 py-2">
            <span className="font-mono text-xs">{address.replace(/:50000$/, "")}</span>
            <span className="block text-muted">
              {sentence}{" "}
              {nodeId !== null && (
                <Link href={paths.node(nodeId)} className="underline underline-offset-3">
                  View node
                </Link>
              )}
            </span>
          </li>
        ))}
      </ul>
      {answers.more > 0 && <p className="border-t px-3.5 py-2 text-muted">And {answers.more} more.</p>}
    </section>
  );
}

/** Machines booted from an ISO or over PXE that have no config yet. */
export function ScanForm() {
  const refusal = useRoleRefusal("operator");
  const [target, setTarget] = useState("");
  const [scanId, setScanId] = useState<string | null>(null);
  const scan = useScan(scanId);
  const start = useOperation("machine.scan", { onDone: (started) => setScanId(started.scanId) });
  const cancel = useOperation("machine.cancel-scan");
  const running = scanId !== null && scan !== null && !scan.finished;
  return (
    <div className="space-y-4">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void start.run({ target });
        }}
      >
        <p className="text-muted">
          Machines in maintenance mode answer before they have any config: their hardware is read, their
          certificate&apos;s fingerprint is shown and pinned. Nothing is changed on them.
        </p>
        <Field
          label="Address or network"
          hint="10.4.0.31, 10.4.0.0/24 or fd00::31; at most 1,024 addresses."
          error={start.error?.fields?.target}
        >
          {(control) => (
            <Input
              {...control}
              className="max-w-md font-mono"
              spellCheck={false}
              autoComplete="off"
              value={target}
              onChange={(event) => setTarget(event.target.value)}
            />
          )}
        </Field>
        {!start.error?.fields && <OperationError error={start.error} />}
        <OperationError error={cancel.error} />
        <div className="flex flex-wrap gap-2">
          <Button
            type="submit"
            variant="primary"
            pending={start.pending}
            disabled={!target.trim() || running || refusal !== null}
            title={refusal ?? undefined}
          >
            Look for machines
          </Button>
          {running && scanId && (
            <Button pending={cancel.pending} onClick={() => void cancel.run({ scanId })}>
              Stop
            </Button>
          )}
        </div>
      </form>
      {scan && (
        <div className="space-y-1.5" aria-live="polite">
          <Progress
            label="Scan"
            value={scan.done}
            max={scan.total}
            tone={scan.error !== null ? "bad" : scan.finished ? "ok" : "info"}
          />
          {scan.error !== null && <p>{scan.error}</p>}
          <p className="text-muted tabular-nums">
            {scan.finished && scan.error === null ? "Finished: " : ""}
            {scan.done} of {countOf(scan.total, "address", "addresses")}, {countOf(scan.found, "machine")} found
          </p>
        </div>
      )}
      <Waiting />
      <Others scanId={scanId} />
    </div>
  );
}
