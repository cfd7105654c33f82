"use client";

import Link from "next/link";
import { memo, useCallback, useMemo, useRef, useEffect, useState } from "react";
import { roleWords, versionText } from "@/components/nodes/node-gpus";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import { Status } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

export type NodePickerProps = {
  nodes: readonly NodeView[];
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
};

type RowProps = {
  id: string;
  name: string;
  about: string;
  away: boolean;
  version: string;
  on: boolean;
  onToggle: (id: string) => void;
};

/** Drawn again only when something of it changes: a tick in a long list must not draw all others. */
const Row = memo(function Row({ id, name, about, away, version, on, onToggle }: RowProps) {
  return (
    <li className="[contain-intrinsic-size:auto_2.25rem] [content-visibility:auto]">
      <label className="grid min-h-9 grid-cols-[auto_1fr_auto] items-center gap-2 px-3.5 hover:bg-hover sm:grid-cols-[auto_1fr_8rem_6rem]">
        <Checkbox checked={on} onChange={() => onToggle(id)} />
        <span className="truncate">
          <span className="font-medium">{name}</span>
          <span className="text-muted"> · {about}</span>
        </span>
        <span className="hidden sm:block">{away && <Status tone="warn">not reachable</Status>}</span>
        <span className="text-right font-mono text-xs">{version}</span>
      </label>
    </li>
  );
});

/** Fewer nodes than these are seen at a glance. */
const searchFrom = 12;

const aboutOf = ({ role, clusterName }: NodeView): string =>
  clusterName ? `${roleWords[role]} in ${clusterName}` : roleWords[role];

/** Which nodes a plan is for. */
export function NodePicker({ nodes, chosen, onChange }: NodePickerProps) {
  const [search, setSearch] = useState("");
  const on = useMemo(() => new Set(chosen), [chosen]);
  const latest = useRef({ chosen, onChange });
  useEffect(() => {
    latest.current = { chosen, onChange };
  });
  const toggle = useCallback((id: string) => {
    const { chosen: before, onChange: tell } = latest.current;
    tell(before.includes(id) ? before.filter((other) => other !== id) : [...before, id]);
  }, []);
  if (nodes.length === 0) {
    return (
      <p className="border-b p-3.5 text-muted">
        No node can be upgraded yet.{" "}
        <Link href={paths.addNodes()} className="text-accent underline underline-offset-3">
          Add machines
        </Link>
      </p>
    );
  }
  const words = search.trim().toLowerCase();
  const shown = nodes.filter((node) =>
    `${node.name} ${aboutOf(node)} ${versionText(node.talosVersion) ?? ""}`.toLowerCase().includes(words),
  );
  const all = shown.every(({ id }) => on.has(id));
  const chooseShown = () => onChange([...new Set([...chosen, ...shown.map(({ id }) => id)])]);
  return (
    <>
      {nodes.length >= searchFrom && (
        <div className="flex flex-wrap items-center gap-2 border-b px-3.5 py-2">
          <Input
            type="search"
            aria-label="Filter by name, cluster, release"
            placeholder="Filter by name, cluster, release"
            className="min-w-0 flex-1 basis-56"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <Button disabled={all || shown.length === 0} onClick={chooseShown}>
            {words === "" ? "Choose all" : `Choose these ${shown.length}`}
          </Button>
          <Button disabled={chosen.length === 0} onClick={() => onChange([])}>
            Choose none
          </Button>
        </div>
      )}
      <ul className="max-h-80 divide-y overflow-y-auto border-b">
        {shown.map((node) => (
          <Row
            key={node.id}
            id={node.id}
            name={node.name}
            about={aboutOf(node)}
            away={node.reachability.state !== "reachable"}
            version={versionText(node.talosVersion) ?? "unknown"}
            on={on.has(node.id)}
            onToggle={toggle}
          />
        ))}
        {shown.length === 0 && <li className="px-3.5 py-2 text-muted">No node matches.</li>}
      </ul>
    </>
  );
}
