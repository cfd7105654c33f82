"use client";

import { ArrowUpCircle, Copy, Ellipsis, Power, RotateCw, Trash2, Undo2 } from "lucide-react";
import { useCallback, useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { copyFromMenu } from "@/components/ui/clipboard";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { Tooltip } from "@/components/ui/tooltip";
import { paths } from "@/lib/core/paths";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import type { MachineAction } from "./action-words";
import { DrainDialog } from "./drain-dialog";
import { MachineActionDialog } from "./machine-action-dialog";
import { RemoveNodeDialog } from "./remove-node-dialog";
import { SchedulingItems } from "./scheduling-items";
import { useNodeQuickActions } from "./use-node-quick-actions";

type Open = MachineAction | "remove" | "drain" | null;

/** The buttons of a node. What cannot be done now stays, with the reason. */
export function NodeActions({ node }: { node: NodeView }) {
  const [open, setOpen] = useState<Open>(null);
  const { clusters, loaded } = useClusters();
  const cluster = clusters.find(({ id }) => id === node.clusterId) ?? null;
  const operator = useRoleRefusal("operator");
  const admin = useRoleRefusal("admin");
  const refusal = (action: MachineAction | "upgrade" | "remove", role: string | null): string | null => {
    const can = nodeCan[action](node, cluster);
    // Until the clusters have arrived it is not known what is held for this one; the server checks in any case.
    return role ?? (can.ok || (cluster === null && !loaded) ? null : can.reason);
  };
  const reboot = refusal("reboot", operator);
  const upgrade = refusal("upgrade", operator);
  const askReboot = useCallback(() => setOpen("reboot"), []);
  useNodeQuickActions({
    id: node.id,
    name: node.name,
    canReboot: reboot === null,
    canUpgrade: upgrade === null,
    onReboot: askReboot,
  });
  return (
    <div className="flex items-center gap-2">
      <Tooltip label={reboot} side="bottom">
        <Button aria-disabled={reboot !== null} onClick={() => reboot === null && setOpen("reboot")}>
          Reboot…
        </Button>
      </Tooltip>
      {upgrade === null ? (
        <ButtonLink variant="primary" href={paths.planUpgrade([node.id])}>
          <ArrowUpCircle aria-hidden />
          Upgrade…
        </ButtonLink>
      ) : (
        <Tooltip label={upgrade} side="bottom">
          <Button aria-disabled>
            <ArrowUpCircle aria-hidden />
            Upgrade…
          </Button>
        </Tooltip>
      )}
      <Menu
        label={`More for ${node.name}`}
        trigger={
          <Button size="icon" aria-label="More actions">
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        <MenuItem icon={RotateCw} disabledReason={reboot} onSelect={() => setOpen("reboot")}>
          Reboot…
        </MenuItem>
        <MenuItem icon={Power} disabledReason={refusal("shutdown", operator)} onSelect={() => setOpen("shutdown")}>
          Shut down…
        </MenuItem>
        <MenuItem icon={Undo2} disabledReason={refusal("rollback", admin)} onSelect={() => setOpen("rollback")}>
          Roll back…
        </MenuItem>
        <SchedulingItems node={node} onDrain={() => setOpen("drain")} />
        <MenuItem icon={Copy} onSelect={() => void copyFromMenu(node.id, "Node ID")}>
          Copy ID
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={Trash2} danger disabledReason={refusal("reset", admin)} onSelect={() => setOpen("reset")}>
          Reset…
        </MenuItem>
        <MenuItem icon={Trash2} disabledReason={refusal("remove", admin)} onSelect={() => setOpen("remove")}>
          Stop managing…
        </MenuItem>
      </Menu>
      {open !== null && open !== "remove" && open !== "drain" && (
        <MachineActionDialog node={node} action={open} onClose={() => setOpen(null)} />
      )}
      {open === "drain" && <DrainDialog node={node} onClose={() => setOpen(null)} />}
      {open === "remove" && <RemoveNodeDialog node={node} onClose={() => setOpen(null)} />}
    </div>
  );
}
