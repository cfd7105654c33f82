"use client";

import { Copy, Ellipsis, KeyRound, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { copyFromMenu } from "@/components/ui/clipboard";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { paths } from "@/lib/core/paths";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { BootstrapDialog } from "./bootstrap-dialog";
import { bootstrapState } from "./bootstrap-state";
import { ImportSecretsDialog } from "./import-secrets-dialog";
import { RemoveClusterDialog } from "./remove-cluster-dialog";
import { SnapshotButton } from "./snapshot-button";

type Open = "bootstrap" | "secrets" | "remove" | null;

/** The buttons of a cluster. What cannot be done now stays, with the reason. */
export function ClusterActions({ cluster, members }: { cluster: ClusterView; members: readonly NodeView[] }) {
  const [open, setOpen] = useState<Open>(null);
  const admin = useRoleRefusal("admin");
  const { planes, reason } = bootstrapState(cluster, members);
  const running = members.some(({ runId }) => runId !== null);
  const close = () => setOpen(null);
  return (
    <>
      {cluster.controlPlanes > 0 && (
        <SnapshotButton cluster={cluster} planes={members.filter(({ role }) => role === "controlplane")} />
      )}
      {members.length > 0 && (
        <ButtonLink href={paths.planUpgrade(members.map(({ id }) => id))}>Plan an upgrade</ButtonLink>
      )}
      <Menu
        label={`More for ${cluster.name}`}
        trigger={
          <Button size="icon" aria-label="More actions">
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        <MenuItem icon={Play} disabledReason={admin ?? reason} onSelect={() => setOpen("bootstrap")}>
          Bootstrap…
        </MenuItem>
        <MenuItem
          icon={KeyRound}
          disabledReason={admin ?? (cluster.secrets === "generated" ? "Its secrets were made here." : null)}
          onSelect={() => setOpen("secrets")}
        >
          Import secrets…
        </MenuItem>
        <MenuItem icon={Copy} onSelect={() => void copyFromMenu(cluster.id, "Cluster ID")}>
          Copy ID
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={Trash2}
          danger
          disabledReason={admin ?? (running ? "An upgrade run is at work in this cluster." : null)}
          onSelect={() => setOpen("remove")}
        >
          Stop managing…
        </MenuItem>
      </Menu>
      {open === "bootstrap" && <BootstrapDialog cluster={cluster} planes={planes} onClose={close} />}
      {open === "secrets" && <ImportSecretsDialog cluster={cluster} onClose={close} />}
      {open === "remove" && <RemoveClusterDialog cluster={cluster} nodes={members.length} onClose={close} />}
    </>
  );
}
