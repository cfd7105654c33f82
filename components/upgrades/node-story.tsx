import Link from "next/link";
import { Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { paths } from "@/lib/core/paths";
import type { RunSummary } from "@/lib/upgrades/schema";
import { CardProofs } from "./card-proofs";
import { ChecksList } from "./checks-list";
import { DrainView } from "./drain-view";
import { InstallerLines } from "./installer-lines";
import { LayersView } from "./layers-view";
import { versionChange } from "./version-change";
import type { NodeStory } from "./run-model";
import { StepTrack } from "./step-track";

type RunNode = RunSummary["nodes"][number];

const endings = new Set(["failed", "rolled-back", "unknown", "skipped"]);

/** The node in work: its steps, what it waits for, and its proof. */
export function NodeStoryPanel({ node, story }: { node: RunNode; story: NodeStory }) {
  return (
    <Panel
      title={
        <Link href={paths.node(node.nodeId)} className="hover:underline">
          {node.name}
        </Link>
      }
      aside={<span className="font-mono text-xs">{versionChange(node)}</span>}
      bodyClassName=""
    >
      <StepTrack steps={story.steps} />
      {endings.has(node.state) && node.reason && (
        <div className="px-3.5 pb-3.5">
          <Notice tone={node.state === "skipped" ? "info" : node.state === "unknown" ? "warn" : "bad"}>
            {node.reason}
          </Notice>
        </div>
      )}
      {story.drain && <DrainView drain={story.drain} over={story.steps.drain !== "running"} />}
      {story.proof.length > 0 && (
        <section aria-label="Proof" className="border-t">
          <h3 className="px-3.5 pt-3 font-semibold">Proof</h3>
          {story.proofRead && (
            <p className="px-3.5 text-xs text-muted">
              Read <RelativeTime atMs={story.proofRead.atMs} />
              {story.proofRead.bootId && (
                <>
                  {" in the boot "}
                  <span className="font-mono">{story.proofRead.bootId.slice(0, 8)}</span>
                </>
              )}
            </p>
          )}
          <ChecksList checks={story.proof} />
        </section>
      )}
      <CardProofs cards={story.gpus} />
    </Panel>
  );
}

/** What is fetched and written on the node. */
export function InstallerPanel({ node, story, live }: { node: RunNode; story: NodeStory; live: boolean }) {
  return (
    <Panel title="Installer" aside={live ? `${node.name} · live` : node.name} bodyClassName="">
      {story.layers.length > 0 && <LayersView layers={story.layers} />}
      <InstallerLines lines={story.lines} />
    </Panel>
  );
}
