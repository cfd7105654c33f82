import type { MachineStage } from "./schema";

/** Machine stages for people. Apart from what judges them, so that a page which only shows them brings nothing else along. */
export const stageWords: Record<MachineStage, string> = {
  unknown: "Unknown",
  booting: "Booting",
  installing: "Installing",
  maintenance: "Maintenance",
  running: "Running",
  rebooting: "Rebooting",
  "shutting-down": "Shutting down",
  resetting: "Resetting",
  upgrading: "Upgrading",
};
