"use client";

import { useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { GatedButton } from "@/components/operation/gated-button";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import { RelativeTime } from "@/components/ui/relative-time";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { AlignDialog } from "./align-dialog";
import { configWords, imageText, recordWords } from "./image-words";

/** Why the record cannot be made true; null where it can. */
function recordRefusal({ runningSchematicId, intent }: NodeView): string | null {
  if (runningSchematicId === null) return "It runs no schematic that could be recorded.";
  return intent.schematicId === runningSchematicId ? "What it runs is what is recorded." : null;
}

/** Why the node cannot be made true; null where it can. */
function nodeRefusal({ intent, config }: NodeView): string | null {
  if (intent.installImage === null) return "No installer image is recorded.";
  if (config.state === "unknown") return `Its config is not known: ${config.reason}`;
  if (config.staged) return "A change of its config is staged: decide on that first.";
  return config.installImage === intent.installImage ? "Its config names the recorded image." : null;
}

/** What runs, what is recorded, and what the node's own config would install, side by side, with the two ways to bring them together. */
export function ImagePanel({ node }: { node: NodeView }) {
  const [asked, setAsked] = useState<"record" | "node" | null>(null);
  const cluster = useClusters().clusters.find(({ id }) => id === node.clusterId) ?? null;
  const operator = useRoleRefusal("operator");
  const admin = useRoleRefusal("admin");
  const reason = (action: "recordRunning" | "applyConfig") => {
    const can = nodeCan[action](node, cluster);
    return can.ok ? null : can.reason;
  };
  const record = recordRefusal(node);
  const align = nodeRefusal(node);
  const { config, intent } = node;
  if (node.clusterId === null) return null;
  return (
    <Panel title="Image" bodyClassName="">
      <KeyValues
        items={[
          {
            label: "Runs",
            value: imageText(node.runningSchematicId, node.talosVersion),
            mono: true,
            copy: node.runningSchematicId,
          },
          {
            label: "Recorded",
            value: intent.schematicId && (
              <>
                {imageText(intent.schematicId, null)}
                <span className="block font-sans text-muted">{recordWords(intent)}</span>
              </>
            ),
            mono: true,
            copy: intent.installImage,
          },
          {
            label: "Config installs",
            value:
              config.state === "unknown" ? (
                <span className="font-sans text-muted">not known: {config.reason}</span>
              ) : (
                (config.installImage ?? <span className="font-sans text-muted">no image is named</span>)
              ),
            mono: true,
            copy: config.state === "known" ? config.installImage : null,
          },
          {
            label: "Config",
            value: config.state === "known" && (
              <>
                {configWords(config)}
                <span className="block text-xs text-muted">
                  read <RelativeTime atMs={config.readAtMs} />
                </span>
              </>
            ),
          },
        ]}
      />
      {(record === null || align === null) && (
        <div className="flex flex-wrap gap-2 border-t p-3.5">
          {record === null && (
            <GatedButton size="sm" reason={operator ?? reason("recordRunning")} onClick={() => setAsked("record")}>
              Make the record true…
            </GatedButton>
          )}
          {align === null && (
            <GatedButton size="sm" reason={admin ?? reason("applyConfig")} onClick={() => setAsked("node")}>
              Make the node true…
            </GatedButton>
          )}
        </div>
      )}
      {asked !== null && <AlignDialog node={node} way={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}
