"use client";

import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { NodeView } from "@/lib/inventory/schema";

export type ProfileOption = { id: string; name: string };

/** The profile that an adoption starts from: the recorded one, else the suggested one. Empty = as it is. */
export function firstProfile({ intent, suggestion, gpus }: NodeView): string {
  if (gpus.length === 0) return "";
  if (intent.profileIds.length > 0) return intent.profileIds.length === 1 ? (intent.profileIds[0] ?? "") : "";
  return suggestion?.profileId ?? "";
}

/** Whether choosing this profile has to be recorded first. */
export const isNewProfile = ({ intent }: NodeView, profileId: string): boolean =>
  profileId !== "" && !(intent.profileIds.length === 1 && intent.profileIds[0] === profileId);

type Props = {
  node: NodeView;
  profiles: readonly ProfileOption[];
  value: string;
  onChange: (profileId: string) => void;
  error?: string | null;
};

/** The GPU profile of a machine, with why it is suggested. */
export function ProfileChoice({ node, profiles, value, onChange, error }: Props) {
  const { intent, suggestion, gpus } = node;
  const asIs =
    intent.profileIds.length > 1 ? `As recorded: ${intent.profileNames.join(" and ")}` : "No profile for now";
  const offered = intent.profileIds.length === 1 ? [] : [{ value: "", label: asIs }];
  return (
    <Field
      label="GPU profile"
      error={error}
      hint={
        gpus.length === 0
          ? "No GPU was seen on this machine."
          : suggestion && suggestion.profileId === value
            ? `Suggested: ${suggestion.reason}`
            : suggestion
              ? `Suggested is ${suggestion.profileId}: ${suggestion.reason}`
              : "There is no suggestion for its cards."
      }
    >
      {(control) => (
        <Select
          {...control}
          disabled={gpus.length === 0}
          options={[...offered, ...profiles.map(({ id, name }) => ({ value: id, label: name }))]}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
