import type { RemedyKind } from "@/lib/inventory/remedies/schema";

/** What a remedy is, as a heading; that of an assignment also names its profiles. */
export const remedyTitles: Record<RemedyKind, string> = {
  "assign-profile": "Assign a profile",
  "apply-config": "Apply the config",
  "record-running": "Record what runs",
  upgrade: "Upgrade into the recorded schematic",
  repair: "Install the image again",
  "upgrade-talos": "Upgrade Talos",
  reboot: "Reboot the node",
  "open-kernel-log": "Read the kernel log",
  "open-services": "Look at the services",
  "open-run": "An upgrade is at work",
  "install-add-on": "Install it in the cluster",
  adopt: "Adopt the machine",
  bootstrap: "Bootstrap the cluster",
  "renew-credentials": "Renew the credentials",
  "replace-machine": "Another machine",
  "by-hand": "What to do",
};
