"use client";

import { Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { useRoleRefusal } from "@/components/operation/role-context";

const CreateClusterDialog = dynamic(() => import("./create-cluster-dialog").then((part) => part.CreateClusterDialog), {
  ssr: false,
});

/** Makes a cluster with fresh secrets; machines are adopted into it afterwards. */
export function CreateCluster() {
  const refusal = useRoleRefusal("admin");
  const [open, setOpen] = useState(false);
  return (
    <>
      <GatedButton variant="primary" reason={refusal} onClick={() => setOpen(true)}>
        <Plus aria-hidden /> Create cluster…
      </GatedButton>
      {open && <CreateClusterDialog onClose={() => setOpen(false)} />}
    </>
  );
}
