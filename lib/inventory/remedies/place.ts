import { paths } from "@/lib/core/paths";
import type { Remedy, RemedyKind } from "./schema";

/** Where a remedy is done, with the words of the button that leads there. */
export type Place = { label: string; href: string };
type At = { id: string; intent: { profileIds: readonly string[]; asFound?: boolean } };
type PlaceOf<K extends RemedyKind> = (remedy: Extract<Remedy, { kind: K }>, node: At) => Place | null;

const change =
  (label: string) =>
  (_remedy: unknown, { id, intent }: At): Place => ({
    // A node whose profile is recorded is in the middle of its change.
    label: intent.profileIds.length > 0 && intent.asFound !== true ? "Continue…" : label,
    href: paths.node(id, "change"),
  });

const places: { [K in RemedyKind]: PlaceOf<K> } = {
  "assign-profile": ({ profileIds }, { id }) => ({
    label: `Assign ${profileIds.join(" and ")}…`,
    href: paths.node(id, "change"),
  }),
  "apply-config": change("Review the config…"),
  "record-running": (_remedy, { id }) => ({ label: "Compare…", href: paths.node(id) }),
  upgrade: change("Review the upgrade…"),
  repair: (_remedy, { id }) => ({ label: "Repair…", href: paths.node(id, "change") }),
  "upgrade-talos": (_remedy, { id }) => ({ label: "Plan an upgrade…", href: paths.planUpgrade([id]) }),
  reboot: (_remedy, { id }) => ({ label: "Reboot…", href: paths.node(id, "gpus") }),
  "open-kernel-log": (_remedy, { id }) => ({ label: "Kernel log", href: paths.node(id, "logs") }),
  "open-services": (_remedy, { id }) => ({ label: "Services", href: paths.node(id, "services") }),
  "open-run": ({ runId }) => ({ label: "Open the upgrade", href: paths.upgrade(runId) }),
  "install-add-on": ({ profileId }) =>
    profileId === null ? null : { label: "How to install it", href: paths.gpuProfile(profileId) },
  adopt: (_remedy, { id }) => ({ label: "Adopt…", href: paths.node(id, "config") }),
  bootstrap: ({ clusterId }) => ({ label: "Bootstrap…", href: paths.cluster(clusterId) }),
  "renew-credentials": ({ clusterId }) => ({ label: "Renew credentials", href: paths.cluster(clusterId) }),
  "replace-machine": (_remedy, { id }) => ({ label: "Open the node", href: paths.node(id) }),
  "by-hand": () => null,
};

/** Where a node's remedy is done; null where that is nowhere in Ichor, and its sentence says why. */
export function placeOf(remedy: Remedy, node: At): Place | null {
  const at = places[remedy.kind] as (remedy: Remedy, node: At) => Place | null;
  return at(remedy, node);
}
