import { CommandLine } from "@/components/ui/command-line";
import type { ProfileAddOn } from "@/lib/gpu/profile-schema";
import { rangeText } from "@/lib/gpu/talos-release";

/** What Kubernetes needs beside the profile. */
export function AddOns({ addOns }: { addOns: readonly ProfileAddOn[] }) {
  if (addOns.length === 0) return <p className="p-3.5 text-muted">Nothing needs to be installed in the cluster.</p>;
  return (
    <ul>
      {addOns.map((addOn) => (
        <li key={addOn.id} className="space-y-2 border-t p-3.5 first:border-t-0">
          <p className="font-medium">
            {addOn.title}
            {addOn.talos && <span className="font-normal text-muted"> · Talos {rangeText(addOn.talos)}</span>}
          </p>
          <p className="text-muted">
            Makes <code className="text-xs">{addOn.resources.join(", ")}</code> allocatable.
          </p>
          <CommandLine lines={[addOn.install]} />
          {addOn.notes.map((note) => (
            <p key={note} className="text-xs text-muted">
              {note}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
