/** Talos' machine stages in its own order: the index is the wire number of `MachineStatusEvent.MachineStage`. */
export const talosStages = [
  "unknown",
  "booting",
  "installing",
  "maintenance",
  "running",
  "rebooting",
  "shutting-down",
  "resetting",
  "upgrading",
] as const;
export type TalosStage = (typeof talosStages)[number];

/** Reads a stage from its number or its name, however a release spells it (`shutting down`, `SHUTTING_DOWN`, `MACHINE_STAGE_RUNNING`). */
export function readStage(value: number | string): TalosStage {
  if (typeof value === "number") return talosStages[value] ?? "unknown";
  const name = value
    .toLowerCase()
    .replace(/^machine_stage_/, "")
    .replace(/[_ ]/g, "-");
  return talosStages.find((stage) => stage === name || stage.replace("-", "") === name) ?? "unknown";
}
