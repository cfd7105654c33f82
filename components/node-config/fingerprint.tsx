"use client";

import { Checkbox } from "@/components/ui/checkbox";
import { CopyButton } from "@/components/ui/copy-button";

type Props = { fingerprint: string | null; confirmed: boolean; onConfirm: (confirmed: boolean) => void };

/**
 * The certificate that the machine shows. In maintenance mode nobody has signed it, so a person compares it with the
 * machine's console; the config goes to this certificate only.
 */
export function Fingerprint({ fingerprint, confirmed, onConfirm }: Props) {
  if (fingerprint === null) {
    return <p className="text-muted">The certificate of the machine is not known yet: it is read when it answers.</p>;
  }
  return (
    <div className="space-y-2">
      <div className="flex items-center gap-1 rounded-md bg-canvas py-1 pr-1 pl-2.5">
        <code className="min-w-0 flex-1 text-xs wrap-anywhere">{fingerprint}</code>
        <CopyButton text={fingerprint} label="Copy fingerprint" />
      </div>
      <label className="flex items-start gap-1.5">
        <Checkbox checked={confirmed} onChange={(event) => onConfirm(event.target.checked)} />
        <span className="pt-0.5">
          The machine&apos;s console shows this fingerprint
          <span className="block text-xs text-muted">
            The config holds the cluster&apos;s secrets. It is sent to the machine with this certificate and to no
            other.
          </span>
        </span>
      </label>
    </div>
  );
}
