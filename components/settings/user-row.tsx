"use client";

import { Ban, KeyRound, MoreHorizontal, UserCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { RelativeTime } from "@/components/ui/relative-time";
import { Select } from "@/components/ui/select";
import { Status } from "@/components/ui/status";
import { parseRole, roles } from "@/lib/auth/role";
import type { UserView } from "@/lib/people/schema";
import { PasswordDialog } from "./password-dialog";

const roleOptions = roles.map((role) => ({ value: role, label: role }));

/** One account: role, state, and what an admin can do with it. */
export function UserRow({ user, self }: { user: UserView; self: boolean }) {
  const router = useRouter();
  const [resetting, setResetting] = useState(false);
  const onDone = () => router.refresh();
  const setRole = useOperation("user.set-role", {
    errors: "toast",
    onDone,
    done: () => ({ title: `${user.name} has another role; their sessions ended` }),
  });
  const disable = useOperation("user.disable", {
    errors: "toast",
    onDone,
    done: () => ({ title: user.disabled ? `${user.name} can sign in again` : `${user.name} is disabled` }),
  });
  const selfReason = self ? "You cannot do this to your own account." : null;
  return (
    <tr className="border-t">
      <th scope="row" className="px-3.5 py-2 text-left font-medium">
        {user.name}
        {self && <span className="font-normal text-muted"> (you)</span>}
      </th>
      <td className="px-3.5 py-2">
        <Select
          aria-label={`Role of ${user.name}`}
          className="w-32"
          options={roleOptions}
          value={user.role}
          disabled={self || setRole.pending}
          title={selfReason ?? undefined}
          onChange={(event) => void setRole.run({ userId: user.id, role: parseRole(event.target.value) })}
        />
      </td>
      <td className="px-3.5 py-2">
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
          <MenuItem icon={KeyRound} onSelect={() => setResetting(true)}>
            Set password…
          </MenuItem>
          <MenuItem
            icon={user.disabled ? UserCheck : Ban}
            danger={!user.disabled}
            disabledReason={selfReason}
            onSelect={() => void disable.run({ userId: user.id, disabled: !user.disabled })}
          >
            {user.disabled ? "Enable" : "Disable"}
          </MenuItem>
        </Menu>
        {resetting && <PasswordDialog user={user} onClose={() => setResetting(false)} />}
      </td>
    </tr>
  );
}
