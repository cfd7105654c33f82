import { versionText } from "@/components/nodes/node-gpus";

/** `1.13.9 → 1.14.0`; one version where only the image changes. */
export const versionChange = ({ fromVersion, toVersion }: { fromVersion: string; toVersion: string }): string =>
  fromVersion === toVersion
    ? (versionText(toVersion) ?? "")
    : `${versionText(fromVersion)} → ${versionText(toVersion)}`;
