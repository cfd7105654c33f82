import "server-only";
import { hkdfSync, randomBytes } from "node:crypto";
import fs from "node:fs";
import Sqlite from "better-sqlite3";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { restoreHint, wasUsed } from "./own-database";
import { rotateKey, type Rotation } from "./rotate-key";
import {
  keyBytes,
  newDataKey,
  parseMasterKey,
  seal,
  type SealedSecret,
  type SecretPlace,
  unseal,
  unwrapDataKey,
} from "@/lib/core/secret-box";

type Keyring = { file: string; keys: Map<string, Buffer>; currentId: string; masterKey: Buffer };
type DataKeyRow = { id: string; wrapped: string };

const slot = Symbol.for("ichor.keyring");
const holder = globalThis as { [slot]?: Keyring };

/**
 * Opens the secret box: reads the master key (made on the first run, 0600) and unwraps every data key with it. Called at
 * start, so that a key that does not fit stops the start and not the first upgrade.
 * @throws AppError `refused` when the key is missing, malformed, or not the one of this database.
 */
export function openKeyring(): Keyring {
  const { dataDir, databaseFile } = env();
  if (holder[slot]?.file === databaseFile) return holder[slot];
  // A connection of its own, for a moment: sealing must stay possible inside a transaction of the other one.
  const db = new Sqlite(/* turbopackIgnore: true */ databaseFile, { timeout: 30_000 });
  try {
    const rows = db.prepare<[], DataKeyRow>(`SELECT "id", "wrapped" FROM "DataKey" ORDER BY "createdAt", "id"`).all();
    if (rows.length === 0 && wasUsed(dataDir)) {
      throw new AppError(
        "refused",
        `The database ${databaseFile} has no data keys, although Ichor has used this data directory before: it is not the one that was here.`,
        { hint: restoreHint },
      );
    }
    const masterKey = readMasterKey(rows.length === 0);
    const keys = new Map(rows.map((row) => [row.id, unwrapOrRefuse(row, masterKey)]));
    let currentId = rows.at(-1)?.id;
    if (currentId === undefined) {
      currentId = newId("secret");
      const made = newDataKey(masterKey, currentId);
      db.prepare(`INSERT INTO "DataKey" ("id", "wrapped", "createdAt") VALUES (?, ?, ?)`).run(
        currentId,
        made.wrapped,
        new Date().toISOString(),
      );
      keys.set(currentId, made.key);
    }
    return (holder[slot] = { file: databaseFile, keys, currentId, masterKey });
  } finally {
    db.close();
  }
}

/**
 * With ICHOR_KEY_OLD or ICHOR_KEY_OLD_FILE: seals everything anew under the present key, unless that was done already. Called at
 * start, before the secret box is opened. Null where no old key is given.
 * @throws AppError `refused` where a key is malformed or missing, or does not fit.
 */
export function rotateToNewKey(): Rotation | null {
  const { databaseFile, keyOld, keyOldFile } = env();
  if (keyOld === null && keyOldFile === null) return null;
  const oldKey =
    keyOld !== null
      ? parseOrRefuse(keyOld, "ICHOR_KEY_OLD")
      : parseOrRefuse(readKeyFile(keyOldFile ?? "", "ICHOR_KEY_OLD_FILE"), keyOldFile ?? "");
  return rotateKey(databaseFile, { oldKey, newKey: readMasterKey(false) });
}

function readKeyFile(file: string, setting: string): string {
  try {
    return fs.readFileSync(/* turbopackIgnore: true */ file, "utf8");
  } catch (cause) {
    throw new AppError("refused", `The key file ${file} cannot be read.`, {
      hint: `${setting} names it; take the setting away once the key has been changed.`,
      cause,
    });
  }
}

/** The master key of this start, as its bytes. @throws AppError `refused` when it is missing or malformed. */
export const presentMasterKey = (): Buffer => readMasterKey(false);

/** A master key from its text. @throws AppError `refused`, naming where it is from. */
export const masterKeyFrom = (text: string, from: string): Buffer => parseOrRefuse(text, from);

function readMasterKey(mayCreate: boolean): Buffer {
  const { key, keyFile } = env();
  if (key !== null) return parseOrRefuse(key, "ICHOR_KEY");
  if (fs.existsSync(/* turbopackIgnore: true */ keyFile)) {
    return parseOrRefuse(fs.readFileSync(/* turbopackIgnore: true */ keyFile, "utf8"), keyFile);
  }
  if (!mayCreate) {
    throw new AppError(
      "refused",
      `The key file ${keyFile} is missing, and the secrets in the database cannot be opened without it.`,
      {
        hint: "Put the key file back, or set ICHOR_KEY or ICHOR_KEY_FILE. A new key would not open what is stored. A back-up holds the key file that Ichor made: `npm run restore -- FILE` (docs/backup.md).",
      },
    );
  }
  const made = randomBytes(keyBytes);
  // Whole or not at all: a key file that was cut off by a crash would be refused at every start after it.
  const coming = `${keyFile}.new`;
  fs.rmSync(/* turbopackIgnore: true */ coming, { force: true });
  fs.writeFileSync(/* turbopackIgnore: true */ coming, `${made.toString("base64")}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  fs.renameSync(/* turbopackIgnore: true */ coming, /* turbopackIgnore: true */ keyFile);
  return made;
}

function parseOrRefuse(text: string, from: string): Buffer {
  const key = parseMasterKey(text);
  if (key) return key;
  throw new AppError("refused", `${from} does not hold a key: 32 bytes are expected, as 64 hex digits or in base64.`);
}

function unwrapOrRefuse(row: DataKeyRow, masterKey: Buffer): Buffer {
  try {
    return unwrapDataKey(row.wrapped, masterKey, row.id);
  } catch (cause) {
    throw new AppError("refused", "The key does not fit this database: its secrets were sealed with another one.", {
      hint: "Give the right key with ICHOR_KEY or ICHOR_KEY_FILE, or the data directory that belongs to this key.",
      cause,
    });
  }
}

/** Seals text for one field of one row. Both results are stored in that row. */
export function sealSecret(plaintext: string, place: SecretPlace): SealedSecret {
  const { keys, currentId } = openKeyring();
  const key = keys.get(currentId);
  if (!key) throw new Error("the keyring has no current key");
  return { sealed: seal(plaintext, key, place), dataKeyId: currentId };
}

/** @throws AppError `internal` when it was changed, moved from another row, or its data key is unknown. */
export function openSecret({ sealed, dataKeyId }: SealedSecret, place: SecretPlace): string {
  const key = openKeyring().keys.get(dataKeyId);
  if (!key)
    throw new AppError(
      "internal",
      `The stored secret of ${place.table} names a data key that the database does not have.`,
    );
  return unseal(sealed, key, place);
}

/** A secret of the server's own (the key of session cookies, of names in the sign-in limit, of passkey challenges), derived from the master key: never stored, and gone with it. */
export const deriveSecret = (
  purpose: "session" | "sign-in-attempts" | "known-device" | "oidc-again" | "passkey-challenge",
): string =>
  Buffer.from(hkdfSync("sha256", openKeyring().masterKey, "", `ichor/v1/${purpose}`, keyBytes)).toString("base64");

/** A secret that hangs on the present data key, and that key's id. To keep it longer than that key, seal it. */
export function deriveFromDataKey(purpose: "audit-signature"): { keyId: string; secret: string } {
  const { keys, currentId } = openKeyring();
  const key = keys.get(currentId);
  if (!key) throw new Error("the keyring has no current key");
  const secret = Buffer.from(hkdfSync("sha256", key, "", `ichor/v1/${purpose}`, keyBytes)).toString("base64");
  return { keyId: currentId, secret };
}

/** Forgets the keys, when a test takes another database. */
export function closeKeyring(): void {
  delete holder[slot];
}
