import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { RunPage } from "@/components/upgrades/run-page";
import { requireRole } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { getRun, listRunEvents } from "@/lib/upgrades/queries";
import type { RunDetail } from "@/lib/upgrades/schema";

type Props = { params: Promise<{ run: string }> };

const loadRun = cache(async (runId: string): Promise<RunDetail> => {
  const ctx = await requireRole("viewer");
  return getRun(ctx, runId).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not-found") notFound();
    throw error;
  });
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await loadRun((await params).run)).title };
}

export default async function UpgradeRunPage({ params }: Props) {
  const { run: runId } = await params;
  const ctx = await requireRole("viewer");
  const run = await loadRun(runId);
  return <RunPage initial={run} initialEvents={await listRunEvents(ctx, runId)} />;
}
