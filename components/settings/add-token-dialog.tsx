"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { fieldError } from "@/components/operation/field-errors";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { parseRole, type Role, roles, roleSatisfies } from "@/lib/auth/role";
import { type DoorChoice, DoorPicker } from "./door-picker";

const lifetimes = [
  { value: "7", label: "7 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
];

const formId = "new-token";

/** Makes an API token and shows it this once. */
export function AddTokenDialog({ held, doors }: { held: Role; doors: readonly DoorChoice[] }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("90");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [token, setToken] = useState<string | null>(null);
  const create = useOperation("token.create", {
    onDone: (made) => {
      setToken(made.token);
      router.refresh();
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (next) return;
    setToken(null);
    setName("");
    setChosen(new Set());
    create.reset();
  };
  const fields = create.error?.fields;
  // What its role, or a token at all, cannot use anyway is not offered.
  const usable = doors.filter((door) => roleSatisfies(role, door.role) && door.sensitive !== "accounts");
  const only = usable.filter(({ name: door }) => chosen.has(door)).map(({ name: door }) => door);
  const options = roles.filter((one) => roleSatisfies(held, one)).map((one) => ({ value: one, label: one }));
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden /> New token…
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        width="sm"
        // Only the button closes it while the token is there: a slip beside the dialog would lose it for good.
        sticky={token !== null}
        title={token ? "Copy the token now" : "New API token"}
        description={token ? undefined : "For scripts: everything the console can do, with the role you choose."}
        footer={
          token ? (
            <Button variant="primary" onClick={() => change(false)}>
              Done
            </Button>
          ) : (
            <>
              <Button onClick={() => change(false)}>Cancel</Button>
              <Button type="submit" form={formId} variant="primary" pending={create.pending} disabled={!name}>
                Make token
              </Button>
            </>
          )
        }
      >
        {token ? (
          <div className="space-y-3">
            <Notice tone="warn">It is not stored and will not be shown again.</Notice>
            <CodeBlock text={token} label="API token" className="whitespace-pre-wrap wrap-anywhere" />
          </div>
        ) : (
          <form
            id={formId}
            className="space-y-3"
            onSubmit={(event) => {
              event.preventDefault();
              void create.run({ name, role, expiresInDays: Number(days), doors: only.length > 0 ? only : null });
            }}
          >
            <Field label="Name" hint="What it is for." error={fields?.name}>
              {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
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
            <Field label="Lifetime" error={fields?.expiresInDays}>
              {(control) => (
                <Select
                  {...control}
                  options={lifetimes}
                  value={days}
                  onChange={(event) => setDays(event.target.value)}
                />
              )}
            </Field>
            <DoorPicker
              doors={usable}
              chosen={new Set(only)}
              onChange={setChosen}
              error={fieldError(create.error, "doors")}
            />
            {!fields && <OperationError error={create.error} />}
          </form>
        )}
      </Dialog>
    </>
  );
}
