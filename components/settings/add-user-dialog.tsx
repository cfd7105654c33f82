"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { parseRole, type Role } from "@/lib/auth/role";

export const roleMeaning: Record<Role, string> = {
  viewer: "Viewer: sees everything but secrets",
  operator: "Operator: assigns, upgrades, reboots",
  admin: "Admin: all of it, and people and secrets",
};
const options = Object.entries(roleMeaning).map(([value, label]) => ({ value, label }));

/** Creates an account. */
export function AddUserDialog() {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [password, setPassword] = useState("");
  const create = useOperation("user.create", {
    done: () => ({ title: `${name} can sign in` }),
    onDone: () => {
      setOpen(false);
      setName("");
      setPassword("");
      router.refresh();
    },
  });
  const fields = create.error?.fields;
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden /> Add person…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        width="sm"
        title="Add a person"
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              variant="primary"
              pending={create.pending}
              disabled={!name || !password}
              onClick={() => void create.run({ name, role, password })}
            >
              Add person
            </Button>
          </>
        }
      >
        <div className="space-y-3">
          <Field label="Name" error={fields?.name}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                spellCheck={false}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Role" error={fields?.role}>
            {(control) => (
              <Select
                {...control}
                options={options}
                value={role}
                onChange={(event) => setRole(parseRole(event.target.value))}
              />
            )}
          </Field>
          <Field
            label="Password"
            hint="At least 12 characters. They can change it themselves."
            error={fields?.password}
          >
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="new-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          {!fields && <OperationError error={create.error} />}
        </div>
      </Dialog>
    </>
  );
}
