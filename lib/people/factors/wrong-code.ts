import "server-only";
import { AppError } from "@/lib/core/errors";
import { noteRefusal } from "@/lib/people/refused-sign-in";
import { type Pending, personOf } from "./pending";
import type { StepPlace } from "./step-place";

/** What a wrong code at the sign-in comes to. @throws AppError `unauthenticated` after it was noted. */
export async function wrongCode(
  pending: Pending,
  { address, nowMs }: StepPlace,
  factor: "totp" | "recovery code",
): Promise<never> {
  await noteRefusal({ stranger: false, person: personOf(pending), detail: { factor } }, address, nowMs);
  throw new AppError("unauthenticated", "The code is not right, or was used already.", {
    fields: { code: "Wait for the next code of the app, or use another recovery code." },
  });
}
