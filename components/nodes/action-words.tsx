import type { NodeAction } from "@/lib/inventory/capabilities";
import type { TalosctlRequest } from "@/lib/inventory/talosctl";
import type { NodeView } from "@/lib/inventory/schema";

export type MachineAction = Extract<NodeAction, "reboot" | "shutdown" | "rollback" | "reset">;
export type ActionWords = {
  verb: string;
  role: "operator" | "admin";
  danger: boolean;
  consequence: (node: NodeView) => string;
  command: TalosctlRequest;
};

/** What each action on a machine says before it is done. */
export const actionWords: Record<MachineAction, ActionWords> = {
  reboot: {
    verb: "Reboot",
    role: "operator",
    danger: false,
    consequence: () =>
      "The node stops what runs on it and comes back with the same Talos and config. Pods are not drained first.",
    command: { do: "reboot", mode: "default" },
  },
  shutdown: {
    verb: "Shut down",
    role: "operator",
    danger: true,
    consequence: () =>
      "The node stops what runs on it and switches off. Someone has to switch it on again: Talos cannot.",
    command: { do: "shutdown", force: false },
  },
  rollback: {
    verb: "Roll back",
    role: "admin",
    danger: true,
    consequence: () =>
      "The node reboots into the system that it ran before its last upgrade, with that system's extensions and drivers.",
    command: { do: "rollback" },
  },
  reset: {
    verb: "Reset",
    role: "admin",
    danger: true,
    consequence: (node) =>
      `The node leaves its cluster and etcd, wipes its disks, state and config included, and reboots. What is on ${node.name} cannot be brought back.`,
    command: { do: "reset", graceful: true, reboot: true, wipe: "all" },
  },
};
