"use client";

import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Switch } from "@/components/ui/switch";
import { allSections } from "./sections";
import { closeShellDialog } from "./shell-store";
import { setSingleKeys, useSingleKeys } from "./single-keys";

const general: readonly (readonly [readonly string[], string])[] = [
  [["⌘", "K"], "Find anything (Ctrl K)"],
  [["/"], "Focus the filter"],
  [["?"], "This list"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["x"], "Select the row"],
  [["Enter"], "Open the row"],
];

function Row({ keys, children }: { keys: readonly string[]; children: string }) {
  return (
    <div className="flex min-h-8 items-center justify-between gap-3">
      <dt>{children}</dt>
      <dd className="flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dd>
    </div>
  );
}

export default function ShortcutsDialog() {
  const on = useSingleKeys();
  return (
    <Dialog open onOpenChange={closeShellDialog} title="Keyboard shortcuts">
      <div className="grid gap-x-8 sm:grid-cols-2">
        <dl>
          {general.map(([keys, label]) => (
            <Row key={label} keys={keys}>
              {label}
            </Row>
          ))}
        </dl>
        <dl>
          {allSections.map(({ label, key }) => (
            <Row key={label} keys={["g", key]}>
              {`Go to ${label}`}
            </Row>
          ))}
        </dl>
      </div>
      <label className="mt-4 flex items-center justify-between gap-3 border-t pt-4">
        Single-letter shortcuts
        <Switch checked={on} onChange={(event) => setSingleKeys(event.target.checked)} />
      </label>
    </Dialog>
  );
}
