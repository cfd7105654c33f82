import type { Metadata } from "next";
import { AccountPanel } from "@/components/settings/account-panel";
import { BackupPanel } from "@/components/settings/backup-panel";
import { PeoplePanel } from "@/components/settings/people-panel";
import { SessionsPanel } from "@/components/settings/sessions-panel";
import { SignInPanel } from "@/components/settings/sign-in-panel";
import { TokensPanel } from "@/components/settings/tokens-panel";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import { PageHeader } from "@/components/ui/page-header";
import { doors } from "@/lib/api/doors";
import { actorName, proveRole } from "@/lib/auth/ctx";
import { requireRole } from "@/lib/auth/require-role";
import { roleSatisfies } from "@/lib/auth/role";
import { getBackups } from "@/lib/backup/queries";
import { env } from "@/lib/core/env";
import { noPasskeyHere } from "@/lib/people/factors/passkey-place";
import { ownFactors } from "@/lib/people/factors/queries";
import { requestPlace } from "@/lib/people/factors/request-place";
import { listSessions, listTokens, listUsers } from "@/lib/people/queries";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const ctx = await requireRole("viewer");
  const { actor } = ctx;
  const held = actor.kind === "system" ? "admin" : actor.role;
  const admin = roleSatisfies(held, "admin");
  const users = admin ? await listUsers(proveRole(actor, "admin", ctx.requestId)) : null;
  const backups = admin ? await getBackups(proveRole(actor, "admin", ctx.requestId)) : null;
  const tokens = await listTokens(ctx);
  const nowMs = new Date().getTime();
  const sessions = await listSessions(ctx, nowMs);
  const factors = actor.kind === "user" ? await ownFactors(ctx) : null;
  const settings = env();
  return (
    <div className="space-y-4">
      <PageHeader title="Settings" />
      {!factors?.managedElsewhere && <AccountPanel name={actorName(actor)} role={held} />}
      {factors && <SignInPanel factors={factors} noPasskeys={(await requestPlace()) ? null : noPasskeyHere} />}
      <SessionsPanel sessions={sessions} others={admin} />
      {users && <PeoplePanel users={users} selfId={actor.kind === "user" ? actor.id : null} />}
      <TokensPanel tokens={tokens} held={held} nowMs={nowMs} doors={doors} />
      {backups && <BackupPanel backups={backups} />}
      <Panel title="This server" aside="set by environment variables" bodyClassName="">
        <KeyValues
          items={[
            { label: "Image Factory", value: settings.factoryUrl, mono: true },
            { label: "Address", value: settings.publicUrl, mono: true },
          ]}
        />
      </Panel>
    </div>
  );
}
