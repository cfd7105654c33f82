import { Disc3 } from "lucide-react";
import { MediaList } from "@/components/images/media-list";
import { ButtonLink } from "@/components/ui/button";
import { Card, Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { EmptyState } from "@/components/ui/states";
import { requireRole } from "@/lib/auth/require-role";
import { mediaForNode } from "@/lib/boot/queries";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { paths } from "@/lib/core/paths";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Boot media");

export default async function NodeBootMediaPage({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  const ctx = await requireRole("viewer");
  const media = await mediaForNode(ctx, node.id, {
    runningSchematicId: node.runningSchematicId,
    ichorUrl: env().publicUrl,
  }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "refused") return error;
    throw error;
  });
  if (media instanceof AppError) {
    return (
      <Card>
        <EmptyState
          icon={Disc3}
          title={media.message}
          action={<ButtonLink href={paths.node(node.id, "gpus")}>Choose a GPU profile</ButtonLink>}
        >
          {media.hint}
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="space-y-3.5">
      {media.notRegisteredReason !== null && (
        <Notice tone="warn" title="The factory does not know this schematic yet">
          The links answer only once it is registered. {media.notRegisteredReason}
        </Notice>
      )}
      {media.source === "running" && media.notRegisteredReason === null && (
        <Notice tone="info" title="Media of what the node runs now">
          No GPU profile is recorded for this node. With one these links become those of its new schematic.
        </Notice>
      )}
      {media.source === "plain" && media.notRegisteredReason === null && (
        <Notice tone="info" title="Plain Talos for the first boot">
          It boots into maintenance mode without extensions and changes nothing on the disks. When the machine has been
          found there, its GPUs are read, a profile is suggested, and these links become those of its own schematic.
        </Notice>
      )}
      <Panel
        title="Boot media"
        aside={
          <span>
            Talos <span className="font-mono text-xs">{media.talosVersion}</span> · {media.arch} · schematic{" "}
            <span className="font-mono text-xs">{media.schematicId.slice(0, 8)}…</span>
          </span>
        }
        bodyClassName=""
      >
        <MediaList links={media.links} />
      </Panel>
    </div>
  );
}
