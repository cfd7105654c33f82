"use client";

import { FileUp } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";

export type PatchFieldProps = { value: string; onChange: (value: string) => void; error?: string | null };

/** One patch for a config: strategic merge with one or more documents, or JSON patch. */
export function PatchField({ value, onChange, error }: PatchFieldProps) {
  const file = useRef<HTMLInputElement>(null);
  return (
    <div className="space-y-1.5">
      <Field
        label="Patch"
        optional
        hint="A strategic merge patch or new documents as YAML, or a JSON patch."
        error={error}
      >
        {(control) => (
          <Textarea
            {...control}
            className="h-40"
            autoComplete="off"
            placeholder={'machine:\n  sysctls:\n    vm.nr_hugepages: "1024"'}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <input
        ref={file}
        type="file"
        aria-label="Choose a patch file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          void event.target.files?.[0]?.text().then(onChange);
          event.target.value = "";
        }}
      />
      <Button size="sm" onClick={() => file.current?.click()}>
        <FileUp aria-hidden /> Choose file…
      </Button>
    </div>
  );
}

/** The patches of a field that may be empty. */
export const patchesOf = (text: string): string[] => (text.trim() === "" ? [] : [text]);
