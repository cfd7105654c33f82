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
import type { Role } from "@/lib/auth/role";
import type { TokenView } from "@/lib/people/schema";
import { AddTokenDialog } from "./add-token-dialog";
import type { DoorChoice } from "./door-picker";

function tokenState(token: TokenView, nowMs: number): { tone: "ok" | "idle"; label: string } {
  if (token.revoked) return { tone: "idle", label: "Revoked" };
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return { tone: "idle", label: "Expired" };
  return { tone: "ok", label: "Valid" };
}

function TokenRow({ token, nowMs }: { token: TokenView; nowMs: number }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const revoke = useOperation("token.revoke", {
    done: () => ({ title: `${token.name} no longer works` }),
    onDone: () => {
      setAsking(false);
      router.refresh();
    },
  });
  const { tone, label } = tokenState(token, nowMs);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-3.5 py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium">{token.name}</p>
        <p className="text-xs text-muted">
          {token.role}
          {token.owner && ` · ${token.owner}`} · used{" "}
          {token.lastUsedAtMs === null ? "never" : <RelativeTime atMs={token.lastUsedAtMs} />}
          {token.expiresAtMs !== null && (
            <>
              {" "}
              · expires <RelativeTime atMs={token.expiresAtMs} />
            </>
          )}
        </p>
        {token.doors && <p className="text-xs text-muted wrap-anywhere">only {token.doors.join(", ")}</p>}
      </div>
      <Status tone={tone}>{label}</Status>
      <Button
        size="sm"
        disabled={token.revoked}
        aria-label={`Revoke ${token.name}…`}
        onClick={() => {
          revoke.reset();
          setAsking(true);
        }}
      >
        Revoke…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke ${token.name}?`}
        consequence="Scripts that use this token are refused at once. It cannot be taken back: they need a new token."
        commands={[]}
        confirmLabel="Revoke"
        danger
        pending={revoke.pending}
        error={<OperationError error={revoke.error} />}
        onConfirm={() => void revoke.run({ tokenId: token.id })}
      />
    </li>
  );
}

/** API tokens: an admin sees all, others their own. */
export function TokensPanel(props: {
  tokens: readonly TokenView[];
  held: Role;
  nowMs: number;
  /** What a token can be narrowed to. */
  doors: readonly DoorChoice[];
}) {
  const { tokens, held, nowMs, doors } = props;
  return (
    <Panel title="API tokens" aside={<AddTokenDialog held={held} doors={doors} />} bodyClassName="">
      {tokens.length === 0 ? (
        <p className="p-3.5 text-muted">
          No tokens yet. A script sends one as <code className="text-xs">Authorization: Bearer ichor_…</code> to{" "}
          <code className="text-xs">/api/v1</code>.
        </p>
      ) : (
        <ul>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} nowMs={nowMs} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
