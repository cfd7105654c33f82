import type { SequenceSign } from "./schema";

/** What goes wrong in the sequence of the older flow. */
export type LegacyFault =
  /** The installer fails; the node restarts into what ran, or stays. */
  | "installer-fails"
  | "installer-fails-and-stays"
  | "unmount-fails"
  | "power-loss-in-installer"
  | "power-loss-before-installer"
  | "installer-hangs"
  /** It takes the call, and nothing comes of it. */
  | "forgotten"
  | "refused";

type Saying = {
  boot: number;
  said: { boot: number; text: string; sign: SequenceSign }[];
  faults: { legacy?: LegacyFault };
};

const stays: ReadonlySet<LegacyFault | undefined> = new Set([
  "refused",
  "forgotten",
  "installer-hangs",
  "installer-fails-and-stays",
]);

/** Whether the sequence of the older flow ends in a restart, one way or another. */
export const goesDown = ({ faults }: Saying): boolean => !stays.has(faults.legacy);

/** The node's own part of the older flow, in what it says of it; how far the installer came. */
export function saysLegacy(node: Saying): "installed" | "not" {
  const { legacy } = node.faults;
  const say = (...signs: SequenceSign[]) => {
    for (const sign of signs) node.said.push({ boot: node.boot, text: JSON.stringify(sign), sign });
  };
  const phases = (...names: string[]) => say(...names.map((phase) => ({ what: "phase" as const, phase })));
  const fail = (task: string) =>
    say({
      ...{ what: "failed", sequence: "upgrade" },
      message: `sequence failed: error running phase 9 in upgrade sequence: task 1/1: failed, ${task}`,
    });
  if (legacy === "refused") {
    say({ what: "refused", sequence: "upgrade" });
    return "not";
  }
  if (legacy === "forgotten") return "not";
  say({ what: "started", sequence: "upgrade" });
  phases("drain", "cleanup");
  if (legacy === "unmount-fails") fail('task "stopAllPods" failed: device is busy');
  if (legacy === "unmount-fails" || legacy === "power-loss-before-installer") return "not";
  phases("unmountSystem", "upgrade");
  if (legacy === "installer-fails" || legacy === "installer-fails-and-stays") fail("installer: exit code 6");
  if (legacy !== undefined) return "not";
  phases("meta", "kexec", "stopEverything", "reboot");
  return "installed";
}
