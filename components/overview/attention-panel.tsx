"use client";

import {
  Archive,
  BadgeAlert,
  CircleCheck,
  CircleX,
  CircuitBoard,
  Database,
  GitCompareArrows,
  Inbox,
  type LucideIcon,
  OctagonPause,
  Replace,
  Siren,
  TriangleAlert,
  FileX,
  Hourglass,
  HardDriveDownload,
  Undo2,
  Unplug,
} from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { attentionTitles } from "@/components/nodes/node-status";
import { Button, ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { toneText } from "@/components/ui/tone";
import type { AttentionKind, AttentionRow } from "./attention-rows";

const icons: Record<AttentionKind, LucideIcon> = {
  "gpu-not-working": CircleX,
  unreachable: Unplug,
  misbehaving: Siren,
  drift: GitCompareArrows,
  waiting: Inbox,
  "not-ready": TriangleAlert,
  replaced: Replace,
  etcd: Database,
  certificate: BadgeAlert,
  "rolled-back": Undo2,
  install: HardDriveDownload,
  "no-config": FileX,
  held: Hourglass,
  halted: OctagonPause,
  backup: Archive,
};
const titles: Record<AttentionKind, string> = { ...attentionTitles, halted: "Upgrade halted", backup: "Back-up" };
const firstShown = 6;

function Row({ row }: { row: AttentionRow }) {
  const noProfile = row.kind === "gpu-not-working" && row.tone !== "bad";
  const Icon = noProfile ? CircuitBoard : icons[row.kind];
  return (
    <li className="grid items-center gap-x-4 gap-y-1.5 px-3.5 py-2.5 sm:grid-cols-[9.5rem_1fr_auto]">
      <span className="flex items-center gap-1.5 text-xs sm:text-sm">
        <Icon aria-hidden className={cn("size-3.5 shrink-0", toneText[row.tone])} />
        {noProfile ? "No GPU profile" : titles[row.kind]}
      </span>
      <div className="min-w-0">
        <p className="wrap-anywhere">
          <Link href={row.subject.href} className="font-semibold hover:underline">
            {row.subject.label}
          </Link>{" "}
          {row.sentence}
        </p>
        {row.detail && <p className="line-clamp-2 text-xs wrap-anywhere text-muted">{row.detail}</p>}
      </div>
      <ButtonLink
        href={row.action.href}
        aria-label={`${row.action.label} (${row.subject.label})`}
        className="max-w-full justify-self-start sm:max-w-72 sm:justify-self-end"
      >
        <span className="truncate">{row.action.label}</span>
      </ButtonLink>
    </li>
  );
}

/** What needs a person, with the way to mend it beside it. */
export function AttentionPanel({ rows }: { rows: readonly AttentionRow[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, firstShown);
  if (rows.length === 0) {
    return (
      <div className="flex items-center gap-2.5 rounded-lg border bg-surface px-3.5 py-3">
        <CircleCheck aria-hidden className="size-4 text-ok" />
        <h2 className="font-semibold">Nothing needs attention</h2>
      </div>
    );
  }
  return (
    <Panel title="Needs attention" aside={<span className="tabular">{rows.length}</span>} bodyClassName="">
      <ul className="divide-y">
        {shown.map((row) => (
          <Row key={row.key} row={row} />
        ))}
      </ul>
      {rows.length > firstShown && (
        <div className="border-t px-2 py-1.5">
          <Button variant="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `Show all ${rows.length}`}
          </Button>
        </div>
      )}
    </Panel>
  );
}
