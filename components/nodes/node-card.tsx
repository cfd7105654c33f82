"use client";

import type { NodeView } from "@/lib/inventory/schema";
import { GpusCell, NameCell, ProofCell, StatusCell, TalosCell } from "./node-cells";

/** A node on a phone: its name, state and GPUs. */
export function NodeCard({ node }: { node: NodeView }) {
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <div className="flex justify-between gap-3">
        <NameCell node={node} />
        <div className="shrink-0">
          <TalosCell node={node} />
        </div>
      </div>
      <StatusCell node={node} />
      {node.gpus.length > 0 && (
        <div className="flex flex-wrap items-center justify-between gap-x-3">
          <GpusCell node={node} />
          <ProofCell node={node} />
        </div>
      )}
    </div>
  );
}
