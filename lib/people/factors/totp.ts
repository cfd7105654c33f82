import "server-only";
import { Secret, TOTP } from "otpauth";
import { create as createQrCode } from "qrcode";

/** RFC 6238 as authenticator apps expect it: SHA-1, six digits, 30 s. */
const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const secretBytes = 20;
/** A clock that is one step off is still right. */
const skewSteps = 1;

/** A new secret, base32. */
export const newTotpSecret = (): string => new Secret({ size: secretBytes }).base32;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({ ...parameters, issuer: "Ichor", label, secret: Secret.fromBase32(secret) });

/** The code of a time, as an app shows it: for tests alone, the server only checks codes. */
export const totpCode = (secret: string, nowMs: number): string => totpOf(secret, "").generate({ timestamp: nowMs });

/**
 * The time step that a code belongs to, or null where it is wrong, from another time, or of a step that was taken already
 * (RFC 6238, section 5.2: a code is accepted once).
 */
export function stepOfCode(
  secret: string,
  code: string,
  { nowMs, lastStep }: { nowMs: number; lastStep: number },
): number | null {
  const token = code.replace(/[\s-]/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const delta = totpOf(secret, "").validate({ token, timestamp: nowMs, window: skewSteps });
  if (delta === null) return null;
  const step = Math.floor(nowMs / 1000 / parameters.period) + delta;
  return step > lastStep ? step : null;
}

export type QrCode = {
  /** Modules on a side, without the quiet zone. */
  size: number;
  /** SVG path of the dark modules, one unit each. */
  path: string;
};

/** A QR code as an SVG path. */
export function qrCode(text: string): QrCode {
  const { size, data } = createQrCode(text, { errorCorrectionLevel: "M" }).modules;
  let path = "";
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) if (data[row * size + column]) path += `M${column} ${row}h1v1h-1z`;
  return { size, path };
}

/** What an authenticator app is given: the secret to type, and the same as a QR code (an otpauth:// URI). */
export const totpInvitation = (secret: string, account: string): { secret: string; qr: QrCode } => ({
  secret: secret.replace(/(.{4})(?=.)/g, "$1 "),
  qr: qrCode(totpOf(secret, account).toString()),
});
