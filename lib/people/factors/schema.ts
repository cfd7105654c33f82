import { z } from "zod";

const base64url = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/);
const short = z.string().max(200);
const common = {
  id: base64url.min(1).max(2000),
  rawId: base64url.min(1).max(2000),
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional().catch(undefined),
  // Nothing of it is used.
  clientExtensionResults: z.unknown().transform(() => ({})),
};
/** An object of the browser's: it may have more than is known here, now or in a later release, which is dropped. */
const ofBrowser = <S extends z.ZodRawShape>(shape: S) => z.object(shape).meta({ additionalProperties: true });

/** What a browser answers to `navigator.credentials.create` and `get`, as @simplewebauthn/browser sends it. */
export const registrationAnswer = ofBrowser({
  ...common,
  response: ofBrowser({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z
      .array(z.enum(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]))
      .max(10)
      .optional()
      .catch(undefined),
  }),
});
export const authenticationAnswer = ofBrowser({
  ...common,
  response: ofBrowser({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional().catch(undefined),
  }),
});

export const qrCodeView = z.object({ size: z.number().int(), path: z.string() });
export const totpInvitationView = z.object({ secret: z.string(), qr: qrCodeView });
export type TotpInvitation = z.infer<typeof totpInvitationView>;

/** Options for a browser: built by @simplewebauthn/server, handed through. */
export const browserOptions = z.record(z.string(), z.unknown());

export const factorsView = z.object({
  /** Accounts of the identity provider have their factors there. */
  managedElsewhere: z.boolean(),
  required: z.boolean(),
  totp: z.object({ createdAtMs: z.number() }).nullable(),
  passkeys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      rpId: z.string(),
      backedUp: z.boolean(),
      createdAtMs: z.number(),
      lastUsedAtMs: z.number().nullable(),
    }),
  ),
  recoveryCodesLeft: z.number().int(),
});
export type FactorsView = z.infer<typeof factorsView>;

export const factorCode = z.string().trim().min(1, "Enter the code.").max(40, "That is no code.");
export const passkeyName = z.string().trim().min(1, "Give it a name.").max(60, "Use at most 60 characters.");
export const codesOnce = z.object({
  /** New recovery codes, shown this once; null where the account has some. */
  recoveryCodes: z.array(z.string()).nullable(),
});

const pendingToken = short.min(20);
/** One step of a sign-in; `pending` is the token of the step before. */
export const signInStep = z.discriminatedUnion("step", [
  z.object({ step: z.literal("password"), name: z.string().max(200), password: z.string().max(1000) }),
  z.object({ step: z.literal("code"), pending: pendingToken, code: factorCode }),
  z.object({ step: z.literal("passkey-options"), pending: pendingToken.nullable() }),
  z.object({ step: z.literal("passkey"), pending: pendingToken.nullable(), answer: authenticationAnswer }),
  z.object({ step: z.literal("enrol"), pending: pendingToken }),
  z.object({ step: z.literal("confirm"), pending: pendingToken, code: factorCode }),
  z.object({ step: z.literal("enrol-passkey-options"), pending: pendingToken }),
  z.object({ step: z.literal("enrol-passkey"), pending: pendingToken, answer: registrationAnswer }),
]);
export type SignInStep = z.output<typeof signInStep>;
/** Steps of setting up the factor that an account must have. */
export type EnrolmentStep = SignInStep & { step: "enrol" | "confirm" | "enrol-passkey-options" | "enrol-passkey" };

/** Where a sign-in stands after a step. */
export type SignInProgress =
  | { state: "ready"; ticket: string; recoveryCodes: string[] | null }
  | { state: "factor"; pending: string; totp: boolean; passkey: boolean }
  | { state: "enrolment"; pending: string; passkey: boolean }
  | { state: "invited"; invitation: TotpInvitation }
  | { state: "passkey-options"; options: Record<string, unknown> };
