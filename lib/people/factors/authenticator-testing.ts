import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";

type Changes = {
  origin?: string;
  rpId?: string;
  userVerified?: boolean;
  counter?: number;
  challenge?: string;
  forged?: boolean;
};
type Options = { challenge?: unknown; rp?: unknown; rpId?: unknown };

const bytesOfLength = (length: number): number[] => (length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]);
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);

/** An authenticator in software (ES256, no attestation), as a browser shows it to a page. */
export function testAuthenticator(origin: string, rpId: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(16);
  let uses = 0;

  const clientData = (type: string, options: Options, changes: Changes): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: changes.challenge ?? options.challenge,
        origin: changes.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const head = (changes: Changes, attested: boolean): Buffer => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(changes.counter ?? (uses += 1));
    const flags = 0x01 | (changes.userVerified === false ? 0 : 0x04) | (attested ? 0x40 : 0);
    return Buffer.concat([
      createHash("sha256")
        .update(changes.rpId ?? rpId)
        .digest(),
      Buffer.from([flags]),
      counter,
    ]);
  };
  const coseKey = (): Buffer => {
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const coordinate = (value: string) => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(value, "base64url")]);
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      coordinate(x),
      Buffer.from([0x22]),
      coordinate(y),
    ]);
  };
  const common = {
    id: id.toString("base64url"),
    rawId: id.toString("base64url"),
    type: "public-key",
    clientExtensionResults: {},
  } as const;

  return {
    id: common.id,
    create: (options: Options, changes: Changes = {}): RegistrationResponseJSON => {
      const authData = Buffer.concat([
        head(changes, true),
        Buffer.alloc(16),
        Buffer.from([0, id.length]),
        id,
        coseKey(),
      ]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        text("fmt"),
        text("none"),
        text("attStmt"),
        Buffer.from([0xa0]),
        text("authData"),
        Buffer.from(bytesOfLength(authData.length)),
        authData,
      ]);
      return {
        ...common,
        response: {
          clientDataJSON: clientData("webauthn.create", options, changes).toString("base64url"),
          attestationObject: attestationObject.toString("base64url"),
          transports: ["internal"],
        },
      };
    },
    get: (options: Options, changes: Changes = {}): AuthenticationResponseJSON => {
      const data = clientData("webauthn.get", options, changes);
      const authenticatorData = head(changes, false);
      const signature = createSign("sha256")
        .update(authenticatorData)
        .update(createHash("sha256").update(data).digest())
        .sign(changes.forged ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey : privateKey);
      return {
        ...common,
        response: {
          clientDataJSON: data.toString("base64url"),
          authenticatorData: authenticatorData.toString("base64url"),
          signature: signature.toString("base64url"),
        },
      };
    },
  };
}
