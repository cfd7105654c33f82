import { FileKey2, Radar, Tag } from "lucide-react";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { paths } from "@/lib/core/paths";
import { ImportForm } from "./import-form";
import { RegisterForm } from "./register-form";
import { ScanForm } from "./scan-form";

const ways = [
  {
    id: "import",
    title: "Import a cluster",
    about: "It runs already; you have its talosconfig.",
    icon: FileKey2,
    form: ImportForm,
  },
  { id: "scan", title: "Find waiting machines", about: "Booted, without a config.", icon: Radar, form: ScanForm },
  {
    id: "register",
    title: "Register ahead",
    about: "Not booted yet; you know its MAC or UUID.",
    icon: Tag,
    form: RegisterForm,
  },
] as const;
export const wayIds = ways.map(({ id }) => id);

/** The three ways in; which one is in the address. */
export function AddMachines({ way }: { way: (typeof ways)[number]["id"] }) {
  const { form: Form, title: chosenTitle } = ways.find(({ id }) => id === way) ?? ways[0];
  return (
    <div className="grid items-start gap-3.5 lg:grid-cols-[19rem_1fr]">
      <nav aria-label="Ways to add machines">
        <ul className="space-y-2">
          {ways.map(({ id, title, about, icon: Icon }) => (
            <li key={id}>
              <Link
                href={`${paths.addNodes()}?way=${id}`}
                aria-current={id === way ? "page" : undefined}
                className={cn(
                  "flex items-start gap-3 rounded-lg border bg-surface px-3.5 py-3 hover:bg-hover",
                  id === way && "border-accent bg-raised",
                )}
              >
                <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", id === way ? "text-accent" : "text-muted")} />
                <span>
                  <span className="block font-medium">{title}</span>
                  <span className="block text-xs text-muted">{about}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Card className="p-4">
        <h2 className="mb-3 text-base font-semibold">{chosenTitle}</h2>
        <Form />
      </Card>
    </div>
  );
}
