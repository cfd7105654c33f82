"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { credentialRefusal, secretsWords } from "./cluster-words";
import { ExpiryText } from "./expiry-text";
import { ImportSecretsDialog } from "./import-secrets-dialog";
import { KubeconfigDialog } from "./kubeconfig-dialog";
import { TalosconfigDialog } from "./talosconfig-dialog";

type Open = "talosconfig" | "kubeconfig" | "secrets" | null;

/** What is held to open a cluster, and files for a person's own hands. No secret is ever on the page. */
export function CredentialsPanel({ cluster, members }: { cluster: ClusterView; members: readonly NodeView[] }) {
  const [open, setOpen] = useState<Open>(null);
  const admin = useRoleRefusal("admin");
  const refusal = admin ?? credentialRefusal(cluster);
  const close = () => setOpen(null);
  const words = secretsWords[cluster.secrets];
  return (
    <Panel title="Credentials" bodyClassName="">
      <KeyValues
        items={[
          {
            label: "Secrets",
            value: (
              <>
                {words.label}
                <span className="block text-xs text-muted">{words.about}</span>
              </>
            ),
          },
          { label: "Talos role held", value: cluster.credentialRole || "none", mono: true },
          { label: "Certificate ends", value: <ExpiryText cluster={cluster} /> },
        ]}
      />
      <div className="space-y-2 border-t p-3.5">
        <div className="flex flex-wrap gap-2">
          <GatedButton reason={refusal} onClick={() => setOpen("talosconfig")}>
            <Download aria-hidden /> talosconfig…
          </GatedButton>
          <GatedButton reason={refusal} onClick={() => setOpen("kubeconfig")}>
            <Download aria-hidden /> kubeconfig…
          </GatedButton>
          {cluster.secrets === "none" && (
            <GatedButton reason={admin} onClick={() => setOpen("secrets")}>
              Import secrets…
            </GatedButton>
          )}
        </div>
        {refusal !== null && <p className="text-xs text-muted">{refusal}</p>}
      </div>
      {open === "talosconfig" && <TalosconfigDialog cluster={cluster} members={members} onClose={close} />}
      {open === "kubeconfig" && <KubeconfigDialog cluster={cluster} members={members} onClose={close} />}
      {open === "secrets" && <ImportSecretsDialog cluster={cluster} onClose={close} />}
    </Panel>
  );
}
