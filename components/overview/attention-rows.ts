import type { BackupHealth } from "@/lib/backup/schema";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import { isChange } from "@/lib/inventory/remedies/gpu-remedy";
import { placeOf } from "@/lib/inventory/remedies/place";
import { gpuGroups, hostOf } from "@/components/nodes/node-gpus";
import { reachReason } from "@/components/nodes/reach-reason";
import { remedySentence } from "@/components/nodes/remedy-sentence";
import type { Attention, NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";

export type AttentionKind = Attention["kind"] | "halted" | "backup";
export type OwnBackups = Pick<BackupHealth, "state" | "sentence">;
const noBackups: OwnBackups = { state: "off", sentence: "" };
export type AttentionRow = {
  key: string;
  kind: AttentionKind;
  tone: Attention["tone"];
  /** What it is about, before the sentence, with where it leads. */
  subject: { label: string; href: string };
  sentence: string;
  detail: string;
  action: { label: string; href: string };
};

const rank: Record<Attention["tone"], number> = { bad: 0, warn: 1, info: 2 };
const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/([^.])$/, "$1.");
const list = new Intl.ListFormat("en", { type: "conjunction" });

/** Where the remedy is done; of what Ichor cannot mend, where the reason stands. */
const actionOf = (node: NodeView, { kind, remedy }: Attention): AttentionRow["action"] =>
  placeOf(remedy, node) ?? {
    label: "Details",
    href: paths.node(node.id, kind === "gpu-not-working" ? "gpus" : undefined),
  };

/** The nodes that have the same trouble, where many can be ticked for the same remedy. */
function listOf({ kind, tone }: Attention): string {
  if (kind === "gpu-not-working") return paths.nodes({ proof: tone === "bad" ? "broken" : "no-profile" });
  return paths.nodes(kind === "unreachable" ? { status: "unreachable" } : { attention: kind });
}

const cards = (node: NodeView) =>
  gpuGroups(node.gpus)
    .map(({ model, count }) => (count === 1 ? model : `${model} ×${count}`))
    .join(", ") || "no GPU";

/** Machines in maintenance mode as one row: they wait for the same person. */
function waitingRow(waiting: readonly { node: NodeView; item: Attention }[]): AttentionRow[] {
  const nodes = waiting.map(({ node }) => node);
  const [first, firstItem] = [nodes[0], waiting[0]?.item];
  if (!first || !firstItem) return [];
  const one = nodes.length === 1;
  const shown = nodes.slice(0, 4);
  const more = nodes.length - shown.length;
  const hosts = list.format([...shown.map(({ address }) => hostOf(address)), ...(more > 0 ? [`${more} more`] : [])]);
  return [
    {
      key: "waiting",
      kind: "waiting",
      tone: "info",
      subject: one
        ? { label: first.name, href: paths.node(first.id) }
        : { label: `${nodes.length} machines`, href: paths.nodes({ status: "waiting" }) },
      sentence: one
        ? `waits in maintenance mode: ${cards(first)}.`
        : `in maintenance mode at ${hosts}: ${[...new Set(shown.map(cards))].join(", ")}.`,
      detail: "Waiting for a config.",
      action: one ? actionOf(first, firstItem) : { label: "Adopt…", href: paths.nodes({ status: "waiting" }) },
    },
  ];
}

/** Runs that wait for somebody to decide how they go on. */
const haltedRows = (runs: readonly RunSummary[]): AttentionRow[] =>
  runs
    .filter(({ state }) => state === "halted")
    .map(({ id, title, reason }) => ({
      key: `halted ${id}`,
      kind: "halted",
      tone: "bad",
      subject: { label: title, href: paths.upgrade(id) },
      sentence: `is halted: ${reason || "a node failed."}`,
      detail: "The other nodes stay as they are until you decide how it goes on.",
      action: { label: "Open", href: paths.upgrade(id) },
    }));

const failed = ({ state }: RunSummary["nodes"][number]): boolean => state === "failed" || state === "rolled-back";

/** Back-ups of Ichor itself that are not made as they should be. */
const backupRows = ({ state, sentence }: OwnBackups): AttentionRow[] =>
  state !== "overdue" && state !== "failed"
    ? []
    : [
        {
          key: "backup",
          kind: "backup",
          tone: state === "failed" ? "bad" : "warn",
          subject: { label: "Ichor", href: paths.settings() },
          sentence: state === "failed" ? "could not be backed up." : "has no recent back-up.",
          detail: sentence,
          action: { label: "Back-ups", href: paths.settings() },
        },
      ];

/** Everything that needs a person, worst first; the same trouble of several nodes becomes one row. */
export function attentionRows(
  nodes: readonly NodeView[],
  runs: readonly RunSummary[],
  backup: OwnBackups = noBackups,
): AttentionRow[] {
  const groups = new Map<string, { item: Attention; nodes: NodeView[] }>();
  const waiting: { node: NodeView; item: Attention }[] = [];
  const halted = runs.filter(({ state }) => state === "halted");
  const inHalted = new Set(halted.flatMap((run) => run.nodes.filter(failed).map(({ nodeId }) => nodeId)));
  for (const node of nodes) {
    for (const item of node.attention) {
      // The run's own row says how it goes on.
      const held = item.remedy.kind === "open-run" && halted.some(({ id }) => id === node.runId);
      if (held || (inHalted.has(node.id) && isChange(item.remedy))) continue;
      if (item.kind === "waiting") {
        waiting.push({ node, item });
        continue;
      }
      // A rack that is away is one trouble, though each node's sentence names its own address.
      const detail = item.kind === "unreachable" ? reachReason(item.detail) : item.detail;
      const key = `${item.kind} ${item.sentence} ${detail}`;
      const group = groups.get(key);
      if (group) group.nodes.push(node);
      else groups.set(key, { item: { ...item, detail }, nodes: [node] });
    }
  }
  const rows = [...groups].flatMap(([key, { item, nodes: affected }]): AttentionRow[] => {
    const [first] = affected;
    if (!first) return [];
    const one = affected.length === 1;
    const listed = list.format(
      affected.length <= 3 ? affected.map(({ name }) => name) : [first.name, `${affected.length - 1} more`],
    );
    const those = listOf(item);
    return [
      {
        key,
        kind: item.kind,
        tone: item.tone,
        subject: one ? { label: first.name, href: paths.node(first.id) } : { label: listed, href: those },
        sentence: item.sentence,
        detail: [item.detail, item.remedy.sentence]
          .filter((text, index, all) => text !== "" && all.indexOf(text) === index)
          .map((text) => asSentence(remedySentence(text)))
          .join(" "),
        action: one ? actionOf(first, item) : { label: `Show ${countOf(affected.length, "node")}`, href: those },
      },
    ];
  });
  return [...haltedRows(runs), ...backupRows(backup), ...rows, ...waitingRow(waiting)].sort(
    (a, b) => rank[a.tone] - rank[b.tone],
  );
}
