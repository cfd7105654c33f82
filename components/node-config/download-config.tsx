"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { saveFile } from "@/components/operation/save-file";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";

/** The whole running config as a file, secrets included. */
export function DownloadConfig({ node, refusal }: { node: NodeView; refusal: string | null }) {
  const [open, setOpen] = useState(false);
  const role = useRoleRefusal("admin");
  const download = useOperation("node.download-config", {
    onDone: (file) => {
      saveFile(file);
      setOpen(false);
    },
  });
  return (
    <>
      <GatedButton size="sm" reason={role ?? refusal} onClick={() => setOpen(true)}>
        <Download aria-hidden /> With secrets…
      </GatedButton>
      <ConfirmDialog
        open={open}
        onOpenChange={(next) => {
          setOpen(next);
          download.reset();
        }}
        title={`Download the config of ${node.name}?`}
        consequence="The file holds keys and tokens of the cluster: who has it can join machines to it. The download is written to the audit log."
        commands={[talosctlLine({ do: "get-config" }, node.address)]}
        confirmLabel="Download"
        pending={download.pending}
        error={<OperationError error={download.error} />}
        onConfirm={() => void download.run({ nodeId: node.id })}
      />
    </>
  );
}
