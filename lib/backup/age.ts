import "server-only";
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient, Stanza } from "age-encryption";
import type { Identity, Recipient } from "age-encryption";
import { AppError } from "@/lib/core/errors";

/** What opens a file: an identity (`AGE-SECRET-KEY-1…`) or a passphrase. Secret: never logged, stored or shown. */
export type AgeSecret = { kind: "identity"; identity: string } | { kind: "passphrase"; passphrase: string };
export type AgeTarget =
  { kind: "recipients"; recipients: readonly string[] } | { kind: "passphrase"; passphrase: string };

/** age v1, "scrypt recipient stanza" (c2sp.org/age): N = 2^logN, r = 8, p = 1. */
const label = "age-encryption.org/v1/scrypt";
const ownLogN = 18;
const mostLogN = 20;
const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

function wrapKey(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const options = { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** (logN + 11) };
  const salted = Buffer.concat([Buffer.from(label), salt]);
  return new Promise((resolve, reject) =>
    scrypt(passphrase, salted, 32, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

const nonce = Buffer.alloc(12);

/** The library derives the key on the event loop, which takes a second; Node's own scrypt works beside it. */
const passphraseRecipient = (passphrase: string): Recipient => ({
  async wrapFileKey(fileKey) {
    const salt = randomBytes(16);
    const cipher = createCipheriv("chacha20-poly1305", await wrapKey(passphrase, salt, ownLogN), nonce, {
      authTagLength: 16,
    });
    const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    return [new Stanza(["scrypt", unpadded(salt), String(ownLogN)], new Uint8Array(body))];
  },
});

const passphraseIdentity = (passphrase: string): Identity => ({
  async unwrapFileKey(stanzas) {
    const [stanza] = stanzas;
    if (stanza?.args[0] !== "scrypt" || stanzas.length !== 1) return null;
    const [, salt = "", logN = ""] = stanza.args;
    // A stranger's file must not choose how long we work.
    if (!/^[1-9][0-9]?$/.test(logN) || Number(logN) > mostLogN || stanza.body.length !== 32) return null;
    const key = await wrapKey(passphrase, Buffer.from(salt, "base64"), Number(logN));
    const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(stanza.body.subarray(16));
    try {
      return new Uint8Array(Buffer.concat([decipher.update(stanza.body.subarray(0, 16)), decipher.final()]));
    } catch {
      return null;
    }
  },
});

/**
 * Encrypts for a target. With recipients, whose identities are not here, a further one is made for this file alone: the secret
 * that is returned opens the file for the proof, and is forgotten after it.
 */
export async function encryptTo(
  target: AgeTarget,
  clear: ReadableStream<Uint8Array>,
): Promise<{ sealed: ReadableStream<Uint8Array>; secret: AgeSecret }> {
  const encrypter = new Encrypter();
  if (target.kind === "passphrase") {
    encrypter.addRecipient(passphraseRecipient(target.passphrase));
    return { sealed: await encrypter.encrypt(clear), secret: target };
  }
  const identity = await generateX25519Identity();
  try {
    for (const recipient of target.recipients) encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new AppError("refused", "One of ICHOR_BACKUP_RECIPIENTS is no age recipient.", {
      hint: "`age-keygen -y key.txt` prints the recipient of an identity.",
      cause,
    });
  }
  encrypter.addRecipient(await identityToRecipient(identity));
  return { sealed: await encrypter.encrypt(clear), secret: { kind: "identity", identity } };
}

/** @throws AppError `refused` where the secret does not open it, or it is no age file. */
export async function decryptWith(
  secret: AgeSecret,
  sealed: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(secret.kind === "identity" ? secret.identity.trim() : passphraseIdentity(secret.passphrase));
  } catch (cause) {
    throw new AppError("refused", "The identity is none of age's: it begins with AGE-SECRET-KEY-1.", { cause });
  }
  try {
    return await decrypter.decrypt(sealed);
  } catch (cause) {
    const what = secret.kind === "identity" ? "identity" : "passphrase";
    throw new AppError("refused", `The file does not open with this ${what}, or it is no back-up.`, {
      hint: "A back-up opens with the identity of one of its recipients, or with its passphrase.",
      cause,
    });
  }
}
