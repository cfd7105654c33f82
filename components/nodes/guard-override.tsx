"use client";

import { useId } from "react";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Input } from "@/components/ui/input";

type Props = { clusterName: string; value: string; onChange: (value: string) => void };

/** Where the guard of etcd refuses: an administrator types the cluster's name to go on all the same. Others are told who may. */
export function GuardOverride({ clusterName, value, onChange }: Props) {
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
