"use client";

import type { ReactNode } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { NodeView } from "@/lib/inventory/schema";
import { markReleases } from "@/lib/upgrades/release-marks";
import type { PlanInput } from "@/lib/upgrades/schema";

export type PlanChoice = {
  targetVersion: string | null;
  haltOnFailure: boolean;
  acceptDrift: boolean;
  etcdSnapshot: boolean;
  skipDrain: boolean;
  repair: boolean;
  canaryNodeId: string | null;
};

export const defaultChoice: PlanChoice = {
  targetVersion: null,
  haltOnFailure: true,
  acceptDrift: false,
  etcdSnapshot: true,
  skipDrain: false,
  repair: false,
  canaryNodeId: null,
};

/** What is sent for a choice: everything not asked here stays as the policy has it by default. */
export const policyOf = (choice: PlanChoice): Partial<NonNullable<PlanInput["policy"]>> => ({
  haltOnFailure: choice.haltOnFailure,
  acceptDrift: choice.acceptDrift,
  etcdSnapshot: choice.etcdSnapshot,
  drain: choice.skipDrain ? "skip" : "evict",
  repair: choice.repair,
  canaryNodeId: choice.canaryNodeId,
});

function Tick({
  label,
  about,
  checked,
  onChange,
}: {
  label: string;
  about: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className="flex items-start gap-1.5">
      <Checkbox checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span className="pt-0.5">
        <span className="block">{label}</span>
        <span className="block text-xs text-muted">{about}</span>
      </span>
    </label>
  );
}

export type PlanFormProps = {
  nodes: readonly NodeView[];
  releases: readonly string[];
  choice: PlanChoice;
  onChange: (choice: PlanChoice) => void;
  children?: ReactNode;
};

/** Which release, and how careful. */
export function PlanForm({ nodes, releases, choice, onChange, children }: PlanFormProps) {
  const set = (part: Partial<PlanChoice>) => onChange({ ...choice, ...part });
  return (
    <div className="space-y-4 p-3.5">
      <div className="grid gap-3 sm:grid-cols-2 lg:max-w-2xl">
        <Field label="Talos release">
          {(control) => (
            <Select
              {...control}
              value={choice.targetVersion ?? ""}
              onChange={(event) => set({ targetVersion: event.target.value || null })}
              options={[
                ...markReleases(
                  releases,
                  nodes.map(({ talosVersion }) => talosVersion),
                ).map(({ tag, marks, downgrade }) => ({
                  value: tag,
                  label: [tag.replace(/^v/, ""), marks.join(", ")].filter((part) => part !== "").join(" · "),
                  // Talos does not go back: configs and etcd data do not.
                  disabled: downgrade,
                })),
                { value: "", label: "As it runs: only the image changes" },
              ]}
            />
          )}
        </Field>
        <Field label="First of all" hint="It goes alone; the others wait for its proof.">
          {(control) => (
            <Select
              {...control}
              value={choice.canaryNodeId ?? ""}
              disabled={nodes.length < 2}
              onChange={(event) => set({ canaryNodeId: event.target.value || null })}
              options={[
                { value: "", label: "No node in particular" },
                ...nodes.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          )}
        </Field>
      </div>
      <fieldset className="grid gap-2.5 sm:grid-cols-2 lg:max-w-3xl">
        <legend className="sr-only">How careful</legend>
        <Tick
          label="Stop at the first failure"
          about="The other nodes stay as they are."
          checked={choice.haltOnFailure}
          onChange={(haltOnFailure) => set({ haltOnFailure })}
        />
        <Tick
          label="Snapshot etcd first"
          about="Before a control plane is touched; kept on this server."
          checked={choice.etcdSnapshot}
          onChange={(etcdSnapshot) => set({ etcdSnapshot })}
        />
        <Tick
          label="Go on in spite of drift"
          about="Where running, recorded and install image differ, the recorded one wins."
          checked={choice.acceptDrift}
          onChange={(acceptDrift) => set({ acceptDrift })}
        />
        <Tick
          label="Do not drain"
          about="Pods are cut off by the reboot instead of being evicted."
          checked={choice.skipDrain}
          onChange={(skipDrain) => set({ skipDrain })}
        />
        <Tick
          label="Repair"
          about="Nodes that lack a part of their image get the same image again."
          checked={choice.repair}
          onChange={(repair) => set({ repair })}
        />
      </fieldset>
      {children}
    </div>
  );
}
