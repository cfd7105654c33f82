import "server-only";
import os from "node:os";
import { hashPassword } from "@/lib/auth/password";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { weaknessOf } from "./password-strength";

/** Words that guessers of this console's passwords try first: where it runs and what it is called. */
function contextWords(account: string): string[] {
  const hosts = [os.hostname(), URL.parse(env().publicUrl)?.hostname ?? ""];
  return [account, ...hosts].flatMap((name) => [name, ...name.split(/[^A-Za-z0-9]+/)]);
}

/**
 * The only way to a stored password: its hash, once it is found to be none that is guessed first.
 * @throws AppError `invalid-input` at the field `password`.
 */
export function hashNewPassword(password: string, account: string): Promise<string> {
  const weakness = weaknessOf(password, contextWords(account));
  if (weakness !== null) {
    throw new AppError("invalid-input", "This password is easy to guess.", { fields: { password: weakness } });
  }
  return hashPassword(password);
}
