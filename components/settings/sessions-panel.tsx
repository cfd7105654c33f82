"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { RelativeTime } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import type { ProofMethod } from "@/lib/auth/proof";
import type { SessionView } from "@/lib/people/schema";

const methodWords: Record<ProofMethod, string> = {
  password: "password",
  "password-totp": "password and code",
  "password-recovery": "password and recovery code",
  passkey: "passkey",
  oidc: "identity provider",
};

function SessionRow({ session, others }: { session: SessionView; others: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const end = useOperation("session.end", {
    done: () => ({ title: `The session of ${session.owner.name} has ended` }),
    onDone: () => {
      setAsking(false);
      router.refresh();
    },
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-3.5 py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium wrap-anywhere">
          {others && `${session.owner.name} · `}
          {session.agent}
        </p>
        <p className="text-xs text-muted">
          {session.address} · by {methodWords[session.method]} · signed in <RelativeTime atMs={session.createdAtMs} /> ·
          used <RelativeTime atMs={session.lastUsedAtMs} />
        </p>
      </div>
      {session.current ? (
        <Status tone="ok">This one</Status>
      ) : (
        <Button
          size="sm"
          aria-label={`End the session of ${session.owner.name}, ${session.agent}…`}
          onClick={() => {
            end.reset();
            setAsking(true);
          }}
        >
          End…
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`End this session of ${session.owner.name}?`}
        consequence={`${session.agent} at ${session.address} is signed out at once, and its live pages stop.`}
        commands={[]}
        confirmLabel="End session"
        danger
        pending={end.pending}
        error={<OperationError error={end.error} />}
        onConfirm={() => void end.run({ sessionId: session.id })}
      />
    </li>
  );
}

/** Open sessions of the console: an admin sees everybody's, others their own. */
export function SessionsPanel({ sessions, others }: { sessions: readonly SessionView[]; others: boolean }) {
  return (
    <Panel title="Sessions" aside={others ? "everyone’s" : "yours"} bodyClassName="">
      <ul>
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} others={others} />
        ))}
      </ul>
    </Panel>
  );
}
