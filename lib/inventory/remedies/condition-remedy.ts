import type { Remedy } from "./schema";

const time: Remedy = {
  kind: "apply-config",
  sentence:
    "Its clock is not in step with a time server. Let it reach one over UDP port 123, or name your own in a TimeSyncConfig; where there is none on purpose, apply a TimeSyncConfig with enabled: false (before Talos 1.12 machine.time.disabled: true).",
};

/**
 * What meets a condition that keeps a node from being ready, where Talos' reason does not say it. Names are those of
 * `MachineStatus.status.unmetConditions` (Talos v1.14 `internal/app/machined/pkg/controllers/runtime/machine_status.go`).
 */
export function remedyOfCondition(conditions: readonly { name: string }[]): Remedy | null {
  // Without the time nothing else begins: certificates would not be valid.
  return conditions.some(({ name }) => name === "time") ? time : null;
}
