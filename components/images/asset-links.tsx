"use client";

import { useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { mediaLinks } from "@/lib/boot/media";
import { MediaList } from "./media-list";

export type AssetLinksProps = {
  schematicId: string;
  factoryUrl: string;
  /** Newest first. */
  releases: readonly string[];
};

/** Everything that can be booted or installed of one schematic, for a release and an architecture. */
export function AssetLinks({ schematicId, factoryUrl, releases }: AssetLinksProps) {
  const [release, setRelease] = useState(releases[0] ?? "");
  const [arch, setArch] = useState<"amd64" | "arm64">("amd64");
  const links = release ? mediaLinks({ factoryUrl, schematicId, talosVersion: release, arch }) : [];
  return (
    <>
      <div className="flex flex-wrap items-end gap-3 p-3.5">
        <Field label="Talos">
          {(control) => (
            <Select
              {...control}
              className="w-36"
              options={releases.map((value) => ({ value, label: value }))}
              value={release}
              onChange={(event) => setRelease(event.target.value)}
            />
          )}
        </Field>
        <Field label="Architecture">
          {(control) => (
            <Select
              {...control}
              className="w-28"
              options={["amd64", "arm64"].map((value) => ({ value, label: value }))}
              value={arch}
              onChange={(event) => setArch(event.target.value === "arm64" ? "arm64" : "amd64")}
            />
          )}
        </Field>
        <CopyButton text={schematicId} label="Copy schematic ID" className="mb-1" />
      </div>
      <MediaList links={links} />
    </>
  );
}
