import type { ConfigView } from "@/lib/inventory/drift/schema";
import type { NodeView } from "@/lib/inventory/schema";
import { versionText } from "./node-gpus";

type Known = Extract<ConfigView, { state: "known" }>;

const short = (id: string): string => `${id.slice(0, 12)}…`;

/** `9c1d1b442d73… in 1.14.0`; null where nothing is known. */
export function imageText(schematicId: string | null, talosVersion: string | null): string | null {
  const version = talosVersion === null ? null : versionText(talosVersion);
  if (schematicId === null) return version === null ? null : `no schematic, Talos ${version}`;
  return version === null ? short(schematicId) : `${short(schematicId)} in ${version}`;
}

/** Who asked for what is recorded. */
export const recordWords = ({ asFound, profileNames }: NodeView["intent"]): string =>
  `${profileNames.length > 0 ? profileNames.join(" and ") : "no profile"}${asFound ? ", as found" : ""}`;

const origins: Record<NonNullable<Known["origin"]>, string> = {
  staged: "the one before Ichor's last change",
  "as-applied": "as Ichor applied it",
  changed: "changed since Ichor applied it",
  "never-applied": "never applied by Ichor",
};

/** Who wrote the config that runs, and what waits for the next boot. */
export function configWords({ origin, staged }: Known): string {
  const who = origin === null ? "only its install image is known" : origins[origin];
  return staged ? `${who}; a change is staged for the next boot` : who;
}
