"use client";

import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Notice } from "@/components/ui/notice";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { BootstrapDialog } from "./bootstrap-dialog";
import { awaitsBootstrap, bootstrapState } from "./bootstrap-state";

/** The next step of a cluster, made here or imported, that has a control plane but no etcd yet. */
export function BootstrapNotice({ cluster, members }: { cluster: ClusterView; members: readonly NodeView[] }) {
  const [open, setOpen] = useState(false);
  const admin = useRoleRefusal("admin");
  const { planes, reason } = bootstrapState(cluster, members);
  if (!awaitsBootstrap(cluster, members)) return null;
  return (
    <>
      <Notice
        tone="warn"
        title="Not bootstrapped yet"
        action={
          <GatedButton variant="primary" reason={admin ?? reason} onClick={() => setOpen(true)}>
            Bootstrap…
          </GatedButton>
        }
      >
        {reason ?? "A control plane is ready: start etcd on it, and Kubernetes comes up."}
      </Notice>
      {open && <BootstrapDialog cluster={cluster} planes={planes} onClose={() => setOpen(false)} />}
    </>
  );
}
