"use client";

import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Disclosure } from "@/components/ui/disclosure";
import type { Sensitivity } from "@/lib/auth/proof";
import type { Role } from "@/lib/auth/role";

/** Something that a token may be let in to. */
export type DoorChoice = { name: string; role: Role; sensitive?: Sensitivity };

type Props = {
  doors: readonly DoorChoice[];
  chosen: ReadonlySet<string>;
  onChange: (next: ReadonlySet<string>) => void;
  error: string | null;
};

/** Narrows a token to named operations and reads; with none chosen it may do all that its role may. */
export function DoorPicker({ doors, chosen, onChange, error }: Props) {
  const id = useId();
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    onChange(next);
  };
  const count = chosen.size === 0 ? "all that its role may" : `${chosen.size} chosen`;
  return (
    <Disclosure label={`May use: ${count}`}>
      <fieldset
        className="mt-1 max-h-56 overflow-y-auto rounded-md border p-1.5"
        aria-describedby={error ? id : undefined}
      >
        <legend className="sr-only">Only these operations and reads</legend>
        {doors.map(({ name }) => (
          <label key={name} className="flex items-center gap-1.5 font-mono text-xs wrap-anywhere">
            <Checkbox checked={chosen.has(name)} onChange={() => toggle(name)} />
            {name}
          </label>
        ))}
      </fieldset>
      {error && (
        <p id={id} className="text-xs text-bad">
          {error}
        </p>
      )}
    </Disclosure>
  );
}
