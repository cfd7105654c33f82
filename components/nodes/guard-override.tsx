"use client";

import { type ReactNode, useId, useState } from "react";
import { useRoleRefusal } from "@/components/operation/role-context";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Input } from "@/components/ui/input";
import type { NodeView } from "@/lib/inventory/schema";

type Props = { clusterName: string; value: string; onChange: (value: string) => void };

/** Where the guard of etcd refuses: an administrator types the cluster's name to go on all the same. Others are told who may. */
function GuardOverride({ clusterName, value, onChange }: Props) {
  const id = useId();
  const refusal = useRoleRefusal("admin");
  if (refusal !== null) return <p className="text-muted">{refusal}</p>;
  return (
    <div className="space-y-1">
      <label htmlFor={id}>
        To go on against the guard, type the cluster&apos;s name <strong className="font-mono">{clusterName}</strong>
      </label>
      <Input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </div>
  );
}

export type Override = {
  /** For the operation's input; undefined while nobody has typed. */
  confirmCluster: string | undefined;
  /** Shows the field once the guard has refused, with the failure of the attempt before. */
  field: (error: OperationFailure | null) => ReactNode;
};

/** The way on against the guard of etcd, for every dialog whose operation may take a control plane away. */
export function useGuardOverride(node: Pick<NodeView, "clusterName">): Override {
  const [typed, setTyped] = useState("");
  return {
    confirmCluster: typed === "" ? undefined : typed,
    field: (error) =>
      (error?.fields?.confirmCluster !== undefined || typed !== "") && (
        <GuardOverride clusterName={node.clusterName ?? ""} value={typed} onChange={setTyped} />
      ),
  };
}
