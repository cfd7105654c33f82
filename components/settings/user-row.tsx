"use client";

import { Ban, KeyRound, MoreHorizontal, ShieldOff, UserCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Menu, MenuItem } from "@/components/ui/menu";
import { RelativeTime } from "@/components/ui/relative-time";
import { Select } from "@/components/ui/select";
import { Status } from "@/components/ui/status";
import { parseRole, type Role, roles } from "@/lib/auth/role";
import type { UserView } from "@/lib/people/schema";
import { roleMeaning } from "./add-user-dialog";
import { PasswordDialog } from "./password-dialog";

const roleOptions = roles.map((role) => ({ value: role, label: role }));
type Asked = { kind: "role"; role: Role } | { kind: "disable" } | { kind: "password" } | { kind: "factors" };

/** One account: role, state, and what an admin can do with it. What ends somebody's sessions is asked first. */
export function UserRow({ user, self }: { user: UserView; self: boolean }) {
  const router = useRouter();
  const [asked, setAsked] = useState<Asked | null>(null);
  const onDone = () => {
    setAsked(null);
    router.refresh();
  };
  const setRole = useOperation("user.set-role", {
    onDone,
    done: () => ({ title: `${user.name} has another role; their sessions ended` }),
  });
  const disable = useOperation("user.disable", { onDone, done: () => ({ title: `${user.name} is disabled` }) });
  const enable = useOperation("user.disable", {
    errors: "toast",
    onDone,
    done: () => ({ title: `${user.name} can sign in again` }),
  });
  const reset = useOperation("user.reset-factors", {
    onDone,
    done: () => ({ title: `${user.name} has no second factor any more; their sessions ended` }),
  });
  const ask = (next: Asked) => {
    reset.reset();
    setRole.reset();
    disable.reset();
    setAsked(next);
  };
  const close = (open: boolean) => !open && setAsked(null);
  const selfReason = self ? "You cannot do this to your own account." : null;
  return (
    <tr className="border-t">
      <th scope="row" className="px-3.5 py-2 text-left font-medium wrap-anywhere">
        {user.name}
        {self && <span className="font-normal text-muted"> (you)</span>}
        {user.disabled && <span className="block text-xs font-normal text-muted sm:hidden">disabled</span>}
      </th>
      <td className="px-3.5 py-2">
        <Select
          aria-label={`Role of ${user.name}`}
          className="w-28 sm:w-32"
          options={roleOptions}
          value={user.role}
          disabled={self}
          title={selfReason ?? undefined}
          onChange={(event) => ask({ kind: "role", role: parseRole(event.target.value) })}
        />
      </td>
      <td className="hidden px-3.5 py-2 sm:table-cell">
        <Status tone={user.disabled ? "idle" : "ok"}>{user.disabled ? "Disabled" : "Active"}</Status>
      </td>
      <td className="hidden px-3.5 py-2 text-muted sm:table-cell">
        {user.lastSignInAtMs === null ? "never" : <RelativeTime atMs={user.lastSignInAtMs} />}
      </td>
      <td className="px-3.5 py-2 text-right">
        <Menu
          label={`Actions for ${user.name}`}
          trigger={
            <Button variant="ghost" size="icon" aria-label={`Actions for ${user.name}`}>
              <MoreHorizontal aria-hidden />
            </Button>
          }
        >
          <MenuItem icon={KeyRound} onSelect={() => ask({ kind: "password" })}>
            Set password…
          </MenuItem>
          <MenuItem icon={ShieldOff} onSelect={() => ask({ kind: "factors" })}>
            Reset second factors…
          </MenuItem>
          {user.disabled ? (
            <MenuItem
              icon={UserCheck}
              disabledReason={selfReason}
              onSelect={() => void enable.run({ userId: user.id, disabled: false })}
            >
              Enable
            </MenuItem>
          ) : (
            <MenuItem icon={Ban} danger disabledReason={selfReason} onSelect={() => ask({ kind: "disable" })}>
              Disable…
            </MenuItem>
          )}
        </Menu>
        {asked?.kind === "password" && <PasswordDialog user={user} onClose={() => setAsked(null)} />}
        {asked?.kind === "role" && (
          <ConfirmDialog
            open
            onOpenChange={close}
            title={`Make ${user.name} ${asked.role === "viewer" ? "a" : "an"} ${asked.role}?`}
            consequence={`${roleMeaning[asked.role]}. Their sessions end at once.`}
            commands={[]}
            confirmLabel="Change role"
            pending={setRole.pending}
            error={<OperationError error={setRole.error} />}
            onConfirm={() => void setRole.run({ userId: user.id, role: asked.role })}
          />
        )}
        {asked?.kind === "factors" && (
          <ConfirmDialog
            open
            onOpenChange={close}
            title={`Reset the second factors of ${user.name}?`}
            consequence="Their authenticator app, passkeys and recovery codes sign them in no more, and their sessions end. Make sure that it is they who ask."
            commands={[]}
            confirmLabel="Reset"
            danger
            pending={reset.pending}
            error={<OperationError error={reset.error} />}
            onConfirm={() => void reset.run({ userId: user.id })}
          />
        )}
        {asked?.kind === "disable" && (
          <ConfirmDialog
            open
            onOpenChange={close}
            title={`Disable ${user.name}?`}
            consequence="Their sessions and API tokens stop working at once. The account can be enabled again."
            commands={[]}
            confirmLabel="Disable"
            danger
            pending={disable.pending}
            error={<OperationError error={disable.error} />}
            onConfirm={() => void disable.run({ userId: user.id, disabled: true })}
          />
        )}
      </td>
    </tr>
  );
}
