import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { requireRole } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { getNode } from "@/lib/inventory/queries";
import type { NodeView } from "@/lib/inventory/schema";

/** The node of this address for layout, title and page alike; one read per request. Unknown ones show "not found". */
export const loadNode = cache(async (id: string): Promise<NodeView> => {
  const ctx = await requireRole("viewer");
  try {
    return await getNode(ctx, id);
  } catch (error) {
    if (error instanceof AppError && error.code === "not-found") notFound();
    throw error;
  }
});

export type NodeProps = { params: Promise<{ node: string }> };

/** A page's title: the tab, then the node. */
export const nodeTitle =
  (tab: string) =>
  async ({ params }: NodeProps) => ({
    title: `${tab} · ${(await loadNode(decodeURIComponent((await params).node))).name}`,
  });
