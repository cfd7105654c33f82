"use client";

import { useMemo } from "react";
import { type QuickAction, useQuickActions } from "@/components/shell/quick-actions";
import { paths } from "@/lib/core/paths";

export type NodeQuickActions = {
  id: string;
  name: string;
  canReboot: boolean;
  canUpgrade: boolean;
  onReboot: () => void;
};

/** Offers what can be done with this node in the palette. `onReboot` must be stable. */
export function useNodeQuickActions({ id, name, canReboot, canUpgrade, onReboot }: NodeQuickActions): void {
  const actions = useMemo((): readonly QuickAction[] => {
    const open = [
      { label: `Logs of ${name}`, href: paths.node(id, "logs") },
      { label: `GPUs of ${name}`, href: paths.node(id, "gpus") },
    ];
    const reboot = canReboot ? [{ label: `Reboot ${name}…`, run: onReboot }] : [];
    const upgrade = canUpgrade ? [{ label: `Upgrade ${name}…`, href: paths.planUpgrade([id]) }] : [];
    return [...reboot, ...upgrade, ...open];
  }, [id, name, canReboot, canUpgrade, onReboot]);
  useQuickActions(actions);
}
