"use client";

import { Panel } from "@/components/ui/card";
import { ProofLadder } from "@/components/ui/proof-ladder";
import { Sparkline } from "@/components/ui/sparkline";
import { VendorChip } from "@/components/ui/vendor-chip";
import { formatBytes, formatPercent } from "@/lib/core/units";
import type { GpuCourse, GpuDevice, GpuProof, GpuTelemetry } from "@/lib/gpu/schema";

function facts(telemetry: GpuTelemetry): { label: string; value: string }[] {
  const { utilizationPercent, memoryUsedBytes, memoryTotalBytes, temperatureCelsius, powerWatts } = telemetry;
  return [
    ...(utilizationPercent === null ? [] : [{ label: "Use", value: formatPercent(utilizationPercent) }]),
    ...(memoryUsedBytes === null
      ? []
      : [
          {
            label: "Memory",
            value: `${formatBytes(memoryUsedBytes)}${memoryTotalBytes === null ? "" : ` of ${formatBytes(memoryTotalBytes)}`}`,
          },
        ]),
    ...(temperatureCelsius === null
      ? []
      : [{ label: "Temperature", value: `${Math.round(temperatureCelsius)}\u00a0°C` }]),
    ...(powerWatts === null ? [] : [{ label: "Power", value: `${Math.round(powerWatts)}\u00a0W` }]),
  ];
}

/** The card's use as it went, once there are two readings of it. */
function UseCourse({ telemetry: { useHistory, utilizationPercent } }: { telemetry: GpuCourse }) {
  if (useHistory.filter((value) => value !== null).length < 2) return null;
  const now = utilizationPercent === null ? "not known" : formatPercent(utilizationPercent);
  return (
    <Sparkline
      values={useHistory}
      label={`GPU use ${now}, the last ${useHistory.length} readings`}
      className="block w-full"
      width={400}
      height={44}
    />
  );
}

/** Absent telemetry is said, never shown as 0. */
function Telemetry({ telemetry }: { telemetry: GpuCourse | null }) {
  const known = telemetry ? facts(telemetry) : [];
  if (known.length === 0) {
    return (
      <p className="border-t px-3.5 py-2.5 text-xs text-muted">
        No telemetry{telemetry?.unavailableReason ? `: ${telemetry.unavailableReason}` : " was read from this GPU."}
      </p>
    );
  }
  return (
    <div className="space-y-2 border-t px-3.5 py-2.5">
      <dl className="flex flex-wrap gap-x-6 gap-y-2">
        {known.map(({ label, value }) => (
          <div key={label}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd className="font-medium tabular">{value}</dd>
          </div>
        ))}
      </dl>
      {telemetry && <UseCourse telemetry={telemetry} />}
    </div>
  );
}

export function GpuPanel({
  gpu,
  proof,
  telemetry,
}: {
  gpu: GpuDevice;
  proof: GpuProof | null;
  telemetry: GpuCourse | null;
}) {
  return (
    <Panel
      title={
        <>
          <VendorChip vendor={gpu.vendor}>{gpu.model}</VendorChip>
          <span className="font-mono text-xs">{gpu.pciAddress}</span>
        </>
      }
      aside={
        <span className="text-xs">
          {[gpu.chip, gpu.generation].filter(Boolean).join(" · ") || `${gpu.vendorId}:${gpu.deviceId}`}
        </span>
      }
      bodyClassName=""
    >
      <div className="p-3.5">
        {proof ? (
          <ProofLadder
            steps={proof.links}
            missing={proof.state === "no-profile"}
            label={`Proof chain of ${gpu.model} at ${gpu.pciAddress}`}
          />
        ) : (
          <p className="text-muted">Not proven yet: the chain is read as soon as the node can be reached.</p>
        )}
      </div>
      <Telemetry telemetry={telemetry} />
    </Panel>
  );
}
