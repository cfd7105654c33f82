import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ClusterPage } from "@/components/clusters/cluster-page";
import { requireRole } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { getCluster } from "@/lib/inventory/queries";
import type { ClusterView } from "@/lib/inventory/schema";

type Props = { params: Promise<{ cluster: string }> };

const loadCluster = cache(async (id: string): Promise<ClusterView> => {
  const ctx = await requireRole("viewer");
  return getCluster(ctx, id).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not-found") notFound();
    throw error;
  });
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await loadCluster(decodeURIComponent((await params).cluster))).name };
}

export default async function Page({ params }: Props) {
  return <ClusterPage initial={await loadCluster(decodeURIComponent((await params).cluster))} />;
}
