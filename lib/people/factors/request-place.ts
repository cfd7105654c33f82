import "server-only";
import { headers } from "next/headers";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { noPasskeyHere, type PasskeyPlace, passkeyPlace } from "./passkey-place";

/** Where the browser that sends this request sees the console; null where it has no passkeys there. */
export async function requestPlace(): Promise<PasskeyPlace | null> {
  const sent = await headers();
  return passkeyPlace(sent.get("x-forwarded-host") ?? sent.get("host"), env().publicUrl);
}

/** @throws AppError `refused` where browsers have no passkeys. */
export async function requirePlace(): Promise<PasskeyPlace> {
  const place = await requestPlace();
  if (place) return place;
  throw new AppError("refused", noPasskeyHere, {
    hint: "Open the console at its https address, or use an authenticator app.",
  });
}
