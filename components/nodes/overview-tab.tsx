"use client";

import Link from "next/link";
import { holdsAdmin } from "@/components/clusters/cluster-words";
import { useClusters } from "@/components/live/use-live";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import { Notice } from "@/components/ui/notice";
import { ProofStrip } from "@/components/ui/proof-strip";
import { RelativeTime } from "@/components/ui/relative-time";
import { VendorChip } from "@/components/ui/vendor-chip";
import { paths } from "@/lib/core/paths";
import { formatBytes } from "@/lib/core/units";
import { placeOf } from "@/lib/inventory/remedies/place";
import type { NodeCounters, NodeView } from "@/lib/inventory/schema";
import { AdoptionPanel } from "./adoption-panel";
import { CounterCharts } from "./counter-charts";
import { ImagePanel } from "./image-panel";
import { gpuGroups, hostOf, proofStateWords, roleWords, versionText, worstProof } from "./node-gpus";
import { StagedNotice } from "./staged-notice";
import { useThisNode } from "./this-node";

function AttentionNotices({ node }: { node: NodeView }) {
  // What holds it stands above the tabs' pages already.
  return node.attention.map((item) => {
    if (item.kind === "held") return null;
    const place = placeOf(item.remedy, node);
    const elsewhere = place !== null && place.href !== paths.node(node.id);
    return (
      <Notice
        key={`${item.kind} ${item.sentence}`}
        tone={item.tone}
        title={item.sentence}
        action={
          elsewhere && (
            <Link href={place.href} className="flex min-h-6 items-center font-medium text-accent hover:underline">
              {place.label}
            </Link>
          )
        }
      >
        {item.detail}
        {item.remedy.sentence !== item.detail && <p>{item.remedy.sentence}</p>}
      </Notice>
    );
  });
}

function GpuSummary({ node }: { node: NodeView }) {
  const proof = worstProof(node.proofs);
  return (
    <Panel
      title="GPUs"
      aside={
        <Link href={paths.node(node.id, "gpus")} className="text-accent hover:underline">
          Proof
        </Link>
      }
    >
      {node.gpus.length === 0 ? (
        <p className="text-muted">
          {node.hardware ? "No GPU was seen on the PCI bus." : "Not known: the hardware was not read yet."}
        </p>
      ) : (
        <div className="space-y-2.5">
          <div className="flex flex-wrap gap-1.5">
            {gpuGroups(node.gpus).map(({ model, vendor, count }) => (
              <VendorChip key={model} vendor={vendor} count={count}>
                {model}
              </VendorChip>
            ))}
          </div>
          {proof && (
            <p className="flex items-center gap-2.5">
              <ProofStrip steps={proof.links} missing={proof.state === "no-profile"} />
              <span className="text-muted">{proofStateWords[proof.state]}</span>
            </p>
          )}
          <p className="text-xs text-muted">
            Profile: {node.intent.profileNames.join(", ") || "none assigned"}
            {node.intent.asFound && node.intent.profileNames.length > 0 && " (as found)"}
          </p>
        </div>
      )}
    </Panel>
  );
}

function System({ node }: { node: NodeView }) {
  const { hardware } = node;
  const cluster = useClusters().clusters.find(({ id }) => id === node.clusterId);
  const cpu = hardware?.processors[0];
  const threads = hardware?.processors.reduce((sum, processor) => sum + processor.threads, 0);
  return (
    <Panel title="System" bodyClassName="">
      <KeyValues
        items={[
          { label: "Address", value: hostOf(node.address) || null, mono: true, copy: hostOf(node.address) || null },
          { label: "Role", value: roleWords[node.role] },
          { label: "Talos", value: versionText(node.talosVersion), mono: true },
          { label: "Kubernetes", value: versionText(node.kubernetesVersion), mono: true },
          { label: "Machine", value: hardware && `${hardware.manufacturer} ${hardware.productName}` },
          { label: "Processor", value: cpu ? `${cpu.name}, ${threads} threads` : null },
          { label: "Memory", value: hardware?.memoryBytes ? formatBytes(hardware.memoryBytes) : null },
          { label: "Architecture", value: node.architecture },
          { label: "Secure boot", value: node.secureBoot === null ? null : node.secureBoot ? "on" : "off" },
          {
            label: "Client certificate",
            value:
              node.certificateExpiresMs === null ? null : (
                <>
                  ends <RelativeTime atMs={node.certificateExpiresMs} />
                  {cluster && holdsAdmin(cluster) && (
                    <span className="block text-xs text-muted">Ichor&apos;s own; it is renewed by itself.</span>
                  )}
                </>
              ),
          },
          {
            label: "Last read",
            value: node.readAtMs === null ? "never" : <RelativeTime atMs={node.readAtMs} />,
          },
        ]}
      />
    </Panel>
  );
}

function Etcd({ node }: { node: NodeView }) {
  const { etcd } = node;
  if (!etcd) return null;
  return (
    <Panel title="etcd" bodyClassName="">
      <KeyValues
        items={[
          { label: "Member", value: etcd.memberId, mono: true, copy: etcd.memberId },
          { label: "Part", value: etcd.learner ? "learner" : etcd.leader ? "leader" : "follower" },
          { label: "Members", value: String(etcd.members) },
          { label: "Database", value: formatBytes(etcd.dbSizeBytes) },
          { label: "Alarms", value: etcd.errors.join("; ") || "none" },
        ]}
      />
    </Panel>
  );
}

/** What needs a person, how it is loaded, what it is. */
export function OverviewTab({ history }: { history: readonly NodeCounters[] }) {
  const node = useThisNode();
  return (
    <div className="grid gap-3.5 lg:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]">
      <div className="min-w-0 space-y-3.5">
        <AttentionNotices node={node} />
        <StagedNotice node={node} />
        {node.adoption && <AdoptionPanel adoption={node.adoption} />}
        <CounterCharts node={node} history={history} />
        {node.diagnostics.length > 0 && (
          <Panel title="Talos says" bodyClassName="">
            <ul className="divide-y">
              {node.diagnostics.map(({ id, message, details }) => (
                <li key={id} className="px-3.5 py-2.5">
                  <p>{message}</p>
                  {details.map((detail) => (
                    <p key={detail} className="font-mono text-xs wrap-anywhere text-muted">
                      {detail}
                    </p>
                  ))}
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
      <div className="min-w-0 space-y-3.5">
        <GpuSummary node={node} />
        <ImagePanel node={node} />
        <System node={node} />
        <Etcd node={node} />
      </div>
    </div>
  );
}
