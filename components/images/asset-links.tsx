"use client";

import { useState } from "react";
import { Field } from "@/components/ui/field";
import { CopyButton } from "@/components/ui/copy-button";
import { Select } from "@/components/ui/select";

export type AssetLink = {
  label: string;
  /** What it is for, a few words. */
  purpose: string;
  url: string;
  /** False for texts that are pasted rather than opened, such as an image reference. */
  download: boolean;
};
/** Links per `v1.14.0 amd64`. */
export type AssetChoice = { release: string; arch: string; links: readonly AssetLink[] };

/** Boot media for a release and an architecture, each with its copy button. */
export function AssetLinks({ choices, releases }: { choices: readonly AssetChoice[]; releases: readonly string[] }) {
  const [release, setRelease] = useState(releases[0] ?? "");
  const [arch, setArch] = useState("amd64");
  const links = choices.find((choice) => choice.release === release && choice.arch === arch)?.links ?? [];
  return (
    <>
      <div className="flex flex-wrap gap-3 p-3.5">
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
              options={[
                { value: "amd64", label: "amd64" },
                { value: "arm64", label: "arm64" },
              ]}
              value={arch}
              onChange={(event) => setArch(event.target.value)}
            />
          )}
        </Field>
      </div>
      <ul>
        {links.map(({ label, purpose, url, download }) => (
          <li key={label} className="flex items-center gap-3 border-t px-3.5 py-2">
            <div className="min-w-0 flex-1 sm:flex sm:items-baseline sm:gap-4">
              <p className="w-52 shrink-0">
                <span className="block font-medium">{label}</span>
                <span className="block text-xs text-muted">{purpose}</span>
              </p>
              {download ? (
                <a
                  href={url}
                  rel="noreferrer"
                  className="block min-w-0 truncate font-mono text-xs underline decoration-line-strong underline-offset-3 hover:decoration-current"
                >
                  {url}
                </a>
              ) : (
                <code className="block min-w-0 truncate text-xs">{url}</code>
              )}
            </div>
            <CopyButton text={url} label={`Copy ${label}`} />
          </li>
        ))}
      </ul>
    </>
  );
}
