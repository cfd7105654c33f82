import { ShieldAlert } from "lucide-react";
import { Progress } from "@/components/ui/progress";
import { Status } from "@/components/ui/status";
import type { RunEvent } from "@/lib/upgrades/schema";

type Drain = Extract<RunEvent, { kind: "drain" }>;
type PodState = Drain["pods"][number]["state"];
const podText: Record<PodState, string> = {
  "waiting-budget": "Waiting on a budget",
  ending: "Ending",
  gone: "Gone",
  skipped: "Stays",
};
const mostPods = 30;

function PodStatus({ state }: { state: PodState }) {
  if (state === "waiting-budget")
    return (
      <Status tone="warn" icon={ShieldAlert}>
        {podText[state]}
      </Status>
    );
  return (
    <Status tone={state === "ending" ? "info" : "idle"} transitional={state === "ending"}>
      {podText[state]}
    </Status>
  );
}

/** Which pods are gone, which are ending, and what stands in the way by name. */
export function DrainView({ drain, over }: { drain: Drain; over: boolean }) {
  const open = drain.pods.filter(({ state }) => state === "waiting-budget" || state === "ending");
  return (
    <section aria-label="Drain" className="border-t">
      <div className="space-y-2 p-3.5">
        <h3 className="font-semibold">
          Drain: {drain.gone} of {drain.total} pods gone, {drain.total - drain.gone} left
        </h3>
        <Progress
          label="Pods gone"
          value={drain.gone}
          max={drain.total}
          tone={drain.gone === drain.total ? "ok" : "info"}
        />
      </div>
      {!over && open.length > 0 && (
        <ul>
          {open.slice(0, mostPods).map((pod) => (
            <li key={pod.name} className="grid gap-x-4 gap-y-1 border-t px-3.5 py-2 sm:grid-cols-[9.5rem_1fr]">
              <PodStatus state={pod.state} />
              <div className="min-w-0">
                <p className="font-mono text-xs font-medium wrap-anywhere">{pod.name}</p>
                {pod.detail && <p className="text-xs wrap-anywhere text-muted">{pod.detail}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
