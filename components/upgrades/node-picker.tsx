"use client";

import Link from "next/link";
import { Checkbox } from "@/components/ui/checkbox";
import { roleWords, versionText } from "@/components/nodes/node-gpus";
import { Status } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

export type NodePickerProps = {
  nodes: readonly NodeView[];
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
};

/** Which nodes a plan is for. */
export function NodePicker({ nodes, chosen, onChange }: NodePickerProps) {
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
  return (
    <ul className="max-h-80 divide-y overflow-y-auto border-b">
      {nodes.map((node) => {
        const on = chosen.includes(node.id);
        return (
          <li key={node.id}>
            <label className="grid min-h-9 grid-cols-[auto_1fr_auto] items-center gap-2 px-3.5 hover:bg-hover sm:grid-cols-[auto_1fr_8rem_6rem]">
              <Checkbox
                checked={on}
                onChange={() => onChange(on ? chosen.filter((id) => id !== node.id) : [...chosen, node.id])}
              />
              <span className="truncate">
                <span className="font-medium">{node.name}</span>
                <span className="text-muted"> · {roleWords[node.role]}</span>
                {node.clusterName && <span className="text-muted"> in {node.clusterName}</span>}
              </span>
              <span className="hidden sm:block">
                {node.reachability.state !== "reachable" && <Status tone="warn">not reachable</Status>}
              </span>
              <span className="text-right font-mono text-xs">{versionText(node.talosVersion) ?? "unknown"}</span>
            </label>
          </li>
        );
      })}
    </ul>
  );
}
