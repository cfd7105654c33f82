"use client";

import { CircuitBoard } from "lucide-react";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import { GpuPanel } from "./gpu-panel";
import { GpuWhy } from "./gpu-why";
import { worstProof } from "./node-gpus";
import { type CanonicalById, SchematicChange } from "./schematic-change";
import { useThisNode } from "./this-node";

/** Each GPU's proof chain; where one is broken, why, and the one step that mends it. */
export function GpusTab({ canonical }: { canonical: CanonicalById }) {
  const node = useThisNode();
  if (node.gpus.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={CircuitBoard}
          title={node.hardware ? "No GPU on this node" : "The hardware is not known yet"}
          action={
            node.reachability.state === "never-seen" && (
              <ButtonLink href={paths.node(node.id, "boot-media")}>Boot media</ButtonLink>
            )
          }
        >
          {node.hardware
            ? "Nothing on its PCI bus is a GPU that Ichor manages. Displays of a management controller do not count."
            : "It is read from the node's PCI bus as soon as the node can be reached."}
        </EmptyState>
      </Card>
    );
  }
  const proof = worstProof(node.proofs);
  const panels = node.gpus.map((gpu) => (
    <GpuPanel
      key={gpu.pciAddress}
      gpu={gpu}
      proof={node.proofs.find(({ pciAddress }) => pciAddress === gpu.pciAddress) ?? null}
      telemetry={node.telemetry.find(({ pciAddress }) => pciAddress === gpu.pciAddress) ?? null}
    />
  ));
  const changes = node.intent.schematicId !== null && node.intent.schematicId !== node.runningSchematicId;
  if (proof?.state === "working" && !changes && panels.length > 1) {
    // Nothing to explain: the cards take the room.
    return (
      <div className="space-y-3.5">
        <GpuWhy node={node} proof={proof} />
        <div className={cn("grid items-start gap-3.5 md:grid-cols-2", panels.length !== 4 && "xl:grid-cols-3")}>
          {panels}
        </div>
      </div>
    );
  }
  return (
    <div className="grid items-start gap-3.5 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
      {/* First in the page, so that on a phone the reason stands before the chain; beside it where there is room. */}
      <div className="min-w-0 space-y-3.5 lg:sticky lg:top-17 lg:order-last">
        <GpuWhy node={node} proof={proof} />
        <SchematicChange node={node} canonical={canonical} />
      </div>
      <div className="min-w-0 space-y-3.5">{panels}</div>
    </div>
  );
}
