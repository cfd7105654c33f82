import type { Ctx } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { type Power, powerSentence } from "./profile-powers";

const mostNamed = 10;

/** @throws AppError `forbidden` that names each power in words, for an actor who is no administrator. */
export function requireAdminFor({ actor }: Ctx<"operator">, powers: readonly Power[]): void {
  if (powers.length === 0 || actor.kind === "system" || roleSatisfies(actor.role, "admin")) return;
  const words = [...new Set(powers.map(powerSentence))].slice(0, mostNamed).join(" ");
  throw new AppError("forbidden", `Only an administrator may decide this. ${words}`, {
    hint: "Leave it out, or ask an administrator to do this step.",
  });
}
