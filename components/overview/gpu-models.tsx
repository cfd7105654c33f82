"use client";

import Link from "next/link";
import { proofStateWords } from "@/components/nodes/node-gpus";
import { Panel } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { VendorChip } from "@/components/ui/vendor-chip";
import { paths } from "@/lib/core/paths";
import type { GpuProof } from "@/lib/gpu/schema";
import type { ModelGroup } from "./fleet-figures";

type State = GpuProof["state"];
const cellLooks: Record<State, string> = {
  working: "border-ok bg-ok-soft",
  unproven: "border-warn bg-warn-soft",
  broken: "border-bad bg-bad-soft",
  "no-profile": "border-idle bg-idle-soft",
};
const cellMarks: Record<State, string> = { working: "", unproven: "?", broken: "×", "no-profile": "–" };
const markTones: Record<State, string> = {
  working: "",
  unproven: "text-warn",
  broken: "text-bad",
  "no-profile": "text-idle",
};
const maxCells = 48;
const order: readonly State[] = ["broken", "no-profile", "unproven", "working"];

/** How the model's GPUs are, worst first: `2 not working`, or just `working` where all are. */
function summary(group: ModelGroup): string {
  const counts = order
    .map((state) => ({
      state,
      count: group.cells.filter(({ proof }) => (proof?.state ?? "unproven") === state).length,
    }))
    .filter(({ count }) => count > 0);
  const [only] = counts;
  if (counts.length === 1 && only) return proofStateWords[only.state];
  return counts.map(({ state, count }) => `${count} ${proofStateWords[state]}`).join(" · ");
}

function Model({ group }: { group: ModelGroup }) {
  return (
    <div className="min-w-0">
      <h3>
        <Link
          href={paths.nodes({ gpu: group.model })}
          className="inline-flex max-w-full rounded-sm hover:brightness-110"
        >
          <VendorChip vendor={group.vendor}>{group.model}</VendorChip>
        </Link>
      </h3>
      <ul className="mt-2 flex flex-wrap gap-1">
        {group.cells.slice(0, maxCells).map(({ node, gpu, proof }) => {
          const state = proof?.state ?? "unproven";
          const label = `${group.model} in ${node.name}, ${gpu.pciAddress}: ${proofStateWords[state]}`;
          return (
            <li key={`${node.id} ${gpu.pciAddress}`}>
              <Link
                href={paths.node(node.id, "gpus")}
                title={label}
                aria-label={label}
                className={cn(
                  "flex size-6 items-center justify-center rounded-sm border text-xs leading-none transition-transform hover:scale-110",
                  cellLooks[state],
                  markTones[state],
                )}
              >
                {cellMarks[state]}
              </Link>
            </li>
          );
        })}
        {group.cells.length > maxCells && (
          <li className="flex h-6 items-center text-xs text-muted">+{group.cells.length - maxCells}</li>
        )}
      </ul>
      <p className="mt-1.5 text-xs text-muted">{summary(group)}</p>
    </div>
  );
}

/** The fleet's GPUs, one cell each. */
export function GpuModels({ groups }: { groups: readonly ModelGroup[] }) {
  return (
    <Panel title="GPUs by model" aside={<span className="text-xs">each cell is one GPU</span>}>
      {groups.length === 0 ? (
        <p className="text-muted">No node of this fleet has a GPU that was seen on its PCI bus.</p>
      ) : (
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,9.5rem),1fr))] gap-x-6 gap-y-5 sm:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]">
          {groups.map((group) => (
            <Model key={group.model} group={group} />
          ))}
        </div>
      )}
    </Panel>
  );
}
