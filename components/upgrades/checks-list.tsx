import { CircleCheck } from "lucide-react";
import { Status } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import type { PlanCheck } from "@/lib/upgrades/schema";

const looks: Record<PlanCheck["state"], { tone: Tone; words: string }> = {
  ok: { tone: "ok", words: "fine" },
  warning: { tone: "warn", words: "warning" },
  refused: { tone: "bad", words: "refused" },
};

/** Checks with what they found. */
export function ChecksList({ checks }: { checks: readonly PlanCheck[] }) {
  return (
    <ul className="divide-y">
      {checks.map((check) => {
        const { tone, words } = looks[check.state];
        return (
          <li
            key={check.id}
            className="grid gap-x-4 gap-y-0.5 px-3.5 py-2 sm:grid-cols-[minmax(10rem,3fr)_minmax(0,7fr)]"
          >
            <Status tone={tone} icon={check.state === "ok" ? CircleCheck : undefined}>
              {check.title}
              <span className="sr-only">: {words}</span>
            </Status>
            <p className="min-w-0 wrap-anywhere text-muted">{check.detail}</p>
          </li>
        );
      })}
    </ul>
  );
}
