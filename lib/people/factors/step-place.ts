import { AppError } from "@/lib/core/errors";
import { noPasskeyHere, type PasskeyPlace } from "./passkey-place";

/** Where and when a step of a sign-in is taken. */
export type StepPlace = {
  address: string;
  /** The browser in plain words. */
  agent: string;
  device: string | null;
  /** Null where browsers have no passkeys. */
  passkeys: PasskeyPlace | null;
  nowMs: number;
};

/** @throws AppError `refused` where browsers have no passkeys. */
export function passkeysOf({ passkeys }: StepPlace): PasskeyPlace {
  if (passkeys) return passkeys;
  throw new AppError("refused", noPasskeyHere);
}
