"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { isShownByField } from "@/components/operation/field-errors";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { paths } from "@/lib/core/paths";
import { createInputOf, emptyDraft } from "./create-draft";
import { createFields, CreateFields } from "./create-fields";

const formId = "create-cluster";

/** Asks for what a cluster needs. Loaded when it is opened: the form brings the schemas of machine configs with it. */
export function CreateClusterDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [draft, setDraft] = useState(emptyDraft);
  const create = useOperation("cluster.create", {
    done: ({ clusterId }) => ({ title: `${draft.name} created`, href: paths.cluster(clusterId) }),
    onDone: ({ clusterId }) => router.push(paths.cluster(clusterId)),
  });
  const change = (next: boolean) => {
    if (!next && !create.pending) onClose();
  };
  const ready = draft.name.trim() && draft.endpoint.trim() && draft.kubernetesVersion.trim();
  return (
    <Dialog
      open
      onOpenChange={change}
      title="Create a cluster"
      description="Its secrets are made and kept here, encrypted. No machine is touched."
      footer={
        <>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" pending={create.pending} disabled={!ready}>
            Create cluster
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void create.run(createInputOf(draft));
        }}
      >
        <CreateFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} error={create.error} />
        {!isShownByField(create.error, createFields) && <OperationError error={create.error} />}
      </form>
    </Dialog>
  );
}
