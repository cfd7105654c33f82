"use client";

import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { DiffView } from "@/components/ui/diff-view";
import type { NodeView } from "@/lib/inventory/schema";
import { paths } from "@/lib/core/paths";

/** The canonical YAML of schematics, by ID: stored here, or read from a node. */
export type CanonicalById = Readonly<Record<string, string>>;

const short = (id: string) => `${id.slice(0, 8)}…${id.slice(-4)}`;

function ShortId({ id, label }: { id: string; label: string }) {
  return (
    <span className="flex items-center font-mono text-xs" title={id}>
      {short(id)}
      <CopyButton text={id} label={`Copy the ID of the ${label} schematic`} />
    </span>
  );
}

/** What the next upgrade changes in the image: the schematic that runs against the recorded one. */
export function SchematicChange({ node, canonical }: { node: NodeView; canonical: CanonicalById }) {
  const running = node.runningSchematicId;
  const recorded = node.intent.schematicId;
  if (recorded === null || running === recorded) return null;
  const before = running === null ? undefined : canonical[running];
  const after = canonical[recorded];
  return (
    <Panel
      title="Schematic would change"
      aside={
        <>
          {running && <ShortId id={running} label="running" />}
          <span aria-label="to">→</span>
          <ShortId id={recorded} label="recorded" />
        </>
      }
      bodyClassName=""
    >
      {before !== undefined && after !== undefined ? (
        <DiffView before={before} after={after} label="Difference between the running and the recorded schematic" />
      ) : (
        <p className="p-3.5 text-muted">
          {before === undefined
            ? "The running schematic was not made here and the node does not carry its text."
            : "The recorded schematic is not stored here."}
        </p>
      )}
      <div className="flex flex-wrap items-center justify-between gap-2 border-t px-3.5 py-2.5">
        <p className="min-w-0 flex-1 basis-48 text-muted">The node takes it up step by step on its Change page.</p>
        <ButtonLink href={paths.node(node.id, "change")}>Continue…</ButtonLink>
      </div>
      {!node.intent.schematicRegistered && (
        <p className="border-t px-3.5 py-2.5 text-xs text-warn">
          The recorded schematic is not registered with the Image Factory yet; it is tried again by itself.
        </p>
      )}
    </Panel>
  );
}
