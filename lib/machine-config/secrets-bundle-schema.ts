import { z } from "zod";

const base64Pem = z.base64({ error: "Expected is a PEM text in base64." }).min(1);
const certificateAndKey = z.strictObject({ crt: base64Pem, key: base64Pem });
const bytes32 = z.base64().refine((text) => text.length === 44, { error: "Expected are 32 bytes in base64." });

/**
 * A secrets bundle as `talosctl gen secrets` writes it (cfg/generate/secrets/bundle.go): certificates and keys are PEM texts in base64.
 * One of the two encryption secrets is there, never both.
 */
export const secretsBundle = z.strictObject({
  cluster: z.strictObject({ id: z.string().min(1).max(128), secret: bytes32 }),
  secrets: z
    .strictObject({
      bootstraptoken: z
        .string()
        .regex(/^[0-9a-z]{6}\.[0-9a-z]{16}$/, { error: "Expected is a token such as abcdef.0123456789abcdef." }),
      aescbcencryptionsecret: bytes32.optional(),
      secretboxencryptionsecret: bytes32.optional(),
    })
    .refine(
      (secrets) => (secrets.aescbcencryptionsecret === undefined) !== (secrets.secretboxencryptionsecret === undefined),
      {
        error: "Exactly one of aescbcencryptionsecret and secretboxencryptionsecret has to be set.",
      },
    ),
  trustdinfo: z.strictObject({ token: z.string().min(1).max(256) }),
  certs: z.strictObject({
    etcd: certificateAndKey,
    k8s: certificateAndKey,
    k8saggregator: certificateAndKey,
    k8sserviceaccount: z.strictObject({ key: base64Pem }),
    os: certificateAndKey,
  }),
});
export type SecretsBundle = z.infer<typeof secretsBundle>;
