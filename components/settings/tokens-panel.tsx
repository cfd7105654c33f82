"use client";

import { useRouter } from "next/navigation";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import type { Role } from "@/lib/auth/role";
import type { TokenView } from "@/lib/people/schema";
import { AddTokenDialog } from "./add-token-dialog";

function tokenState(token: TokenView, nowMs: number): { tone: "ok" | "idle"; label: string } {
  if (token.revoked) return { tone: "idle", label: "Revoked" };
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return { tone: "idle", label: "Expired" };
  return { tone: "ok", label: "Valid" };
}

function TokenRow({ token, nowMs }: { token: TokenView; nowMs: number }) {
  const router = useRouter();
  const revoke = useOperation("token.revoke", {
    errors: "toast",
    done: () => ({ title: `${token.name} no longer works` }),
    onDone: () => router.refresh(),
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
      </div>
      <Status tone={tone}>{label}</Status>
      <Button
        size="sm"
        disabled={token.revoked}
        pending={revoke.pending}
        aria-label={`Revoke ${token.name}`}
        onClick={() => void revoke.run({ tokenId: token.id })}
      >
        Revoke
      </Button>
    </li>
  );
}

/** API tokens: an admin sees all, others their own. */
export function TokensPanel({ tokens, held, nowMs }: { tokens: readonly TokenView[]; held: Role; nowMs: number }) {
  return (
    <Panel title="API tokens" aside={<AddTokenDialog held={held} />} bodyClassName="">
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
