import { Disclosure } from "@/components/ui/disclosure";
import { Panel } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import type { FailureView } from "@/lib/audit/schema";
import type { FailureKind } from "@/lib/auth/failure-kind";

const kindWords: Record<FailureKind, string> = {
  "sign-in": "refused sign-in",
  "sign-in-limit": "sign-in beyond the limit",
  bearer: "unknown or ended API token",
  session: "request without a session",
  foreign: "request from another site or for another host",
  "set-up": "invalid set-up link",
  denied: "repeated request for what the role may not do",
};

function FailureRow({ failure: { kind, subject, name, place, count, lastAtMs } }: { failure: FailureView }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 border-t px-3.5 py-2 first:border-t-0">
      <span className="w-16 text-right font-mono tabular-nums">{count.toLocaleString("en")} ×</span>
      <span className="min-w-0 flex-1 basis-56 wrap-anywhere">
        {kindWords[kind]}
        {subject !== "" && <> of {name ?? "an account that is gone"}</>}
      </span>
      <span className="text-xs text-muted">
        {place === "elsewhere" ? "other places" : place}, last <RelativeTime atMs={lastAtMs} />
      </span>
    </li>
  );
}

/** What strangers got wrong in the last day. It is counted, so it stands in no entry of its own; for auditors and admins. */
export function FailuresPanel({ failures }: { failures: readonly FailureView[] }) {
  const total = failures.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return <p className="text-xs text-muted">Nothing was refused to strangers in the last 24 hours.</p>;
  return (
    <Disclosure label={`Refused to strangers in the last 24 hours: ${total.toLocaleString("en")}, counted by network`}>
      <Panel title="Refused to strangers" aside="last 24 hours" bodyClassName="" className="mt-2">
        <ul>
          {failures.map((failure) => (
            <FailureRow key={`${failure.kind} ${failure.subject} ${failure.place}`} failure={failure} />
          ))}
        </ul>
      </Panel>
    </Disclosure>
  );
}
