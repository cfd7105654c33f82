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
import { NewPasswordField } from "./new-password-field";

export const roleMeaning: Record<Role, string> = {
  viewer: "Viewer: sees everything but secrets",
  auditor: "Auditor: sees the same, and the whole audit log",
  operator: "Operator: assigns, upgrades, reboots",
  admin: "Admin: all of it, and people and secrets",
};
const options = Object.entries(roleMeaning).map(([value, label]) => ({ value, label }));

const formId = "add-person";

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
      change(false);
      router.refresh();
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (next) return;
    setName("");
    setRole("viewer");
    setPassword("");
    create.reset();
  };
  const fields = create.error?.fields;
  return (
    <>
      <Button size="sm" onClick={() => change(true)}>
        <Plus aria-hidden /> Add person…
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        width="sm"
        title="Add a person"
        footer={
          <>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button
              type="submit"
              form={formId}
              variant="primary"
              pending={create.pending}
              disabled={!name || !password}
            >
              Add person
            </Button>
          </>
        }
      >
        <form
          id={formId}
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            void create.run({ name, role, password });
          }}
        >
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
          <NewPasswordField
            label="Password"
            hint="They can change it themselves."
            value={password}
            onChange={setPassword}
            error={fields?.password}
          />
          {!fields && <OperationError error={create.error} />}
        </form>
      </Dialog>
    </>
  );
}
