import "server-only";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { extract as tarExtract, type Pack, pack as tarPack } from "tar-stream";
import { AppError } from "@/lib/core/errors";
import { type AgeSecret, type AgeTarget, decryptWith, encryptTo } from "./age";
import { backupManifest, type BackupManifest } from "./schema";

const mostManifestBytes = 16 * 1024;
const mostKeyBytes = 1024;
const mostDatabaseBytes = 256 * 2 ** 30;

type Content = { manifest: BackupManifest; databaseFile: string; key: string | null };

async function fill(pack: Pack, { manifest, databaseFile, key }: Content): Promise<void> {
  const small = (name: string, text: string) =>
    new Promise<void>((resolve, reject) =>
      pack.entry({ name, mode: 0o600 }, text, (error) => (error ? reject(error) : resolve())),
    );
  await small("manifest.json", JSON.stringify(manifest));
  if (key !== null) await small("ichor.key", key);
  await new Promise<void>((resolve, reject) => {
    const entry = pack.entry({ name: "ichor.db", size: manifest.databaseBytes, mode: 0o600 }, (error) =>
      error ? reject(error) : resolve(),
    );
    pipeline(fs.createReadStream(/* turbopackIgnore: true */ databaseFile), entry).catch(reject);
  });
  pack.finalize();
}

/**
 * Writes a back-up: a tar of manifest, key and database, packed with gzip, encrypted with age. So it can be opened without Ichor:
 * `age -d -i key.txt FILE | tar xz`.
 * @returns its size and SHA-256, and the secret that opens it for the proof.
 */
export async function writeArchive(
  to: string,
  content: Content,
  target: AgeTarget,
): Promise<{ bytes: number; sha256: string; secret: AgeSecret }> {
  const pack = tarPack();
  const gzip = createGzip();
  const packed = pipeline(pack, gzip);
  const filled = fill(pack, content).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  packed.catch(() => undefined);
  filled.catch(() => undefined);
  // Node's web streams and the library's are the same ones under two names.
  const { sealed, secret } = await encryptTo(target, Readable.toWeb(gzip) as ReadableStream<Uint8Array>);
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      done(null, chunk);
    },
  });
  await pipeline(
    Readable.fromWeb(sealed as Parameters<typeof Readable.fromWeb>[0]),
    measure,
    fs.createWriteStream(/* turbopackIgnore: true */ to, { mode: 0o600, flags: "wx", flush: true }),
  );
  await Promise.all([packed, filled]);
  return { bytes, sha256: hash.digest("hex"), secret };
}

const strange = (what: string): AppError =>
  new AppError("refused", `The file is no back-up of Ichor: ${what}`, {
    hint: "Choose a file that Ichor made (ichor-….tar.gz.age).",
  });

async function textOf(entry: AsyncIterable<unknown>, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of entry) {
    // What tar-stream gives is bytes; its types do not say so.
    const chunk = piece as Uint8Array;
    size += chunk.byteLength;
    if (size > mostBytes) throw strange("one of its parts is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseManifest(text: string): BackupManifest {
  try {
    return backupManifest.parse(JSON.parse(text));
  } catch {
    throw strange("its first part is no manifest that this version knows.");
  }
}

/**
 * Opens a back-up into a directory as `ichor.db`. Nothing in it is trusted: other names, other sizes than its manifest says, and
 * whatever is cut off or changed are refused.
 * @throws AppError `refused`
 */
export async function readArchive(
  file: string,
  secret: AgeSecret,
  dir: string,
): Promise<{ manifest: BackupManifest; key: string | null; databaseFile: string }> {
  const databaseFile = path.join(/* turbopackIgnore: true */ dir, "ichor.db");
  const sealed = Readable.toWeb(fs.createReadStream(/* turbopackIgnore: true */ file)) as ReadableStream<Uint8Array>;
  const clear = await decryptWith(secret, sealed);
  const extract = tarExtract();
  const opened = pipeline(Readable.fromWeb(clear as Parameters<typeof Readable.fromWeb>[0]), createGunzip(), extract);
  opened.catch(() => undefined);
  let manifest: BackupManifest | null = null;
  let key: string | null = null;
  let whole = false;
  try {
    for await (const entry of extract) {
      const { name, size = 0 } = entry.header;
      if (manifest === null) {
        if (name !== "manifest.json") throw strange("it does not begin with its manifest.");
        manifest = parseManifest(await textOf(entry, mostManifestBytes));
      } else if (name === "ichor.key" && key === null && !whole) {
        key = await textOf(entry, mostKeyBytes);
      } else if (name === "ichor.db" && !whole && size === manifest.databaseBytes && size <= mostDatabaseBytes) {
        const out: Writable = fs.createWriteStream(/* turbopackIgnore: true */ databaseFile, {
          mode: 0o600,
          flags: "wx",
          flush: true,
        });
        await pipeline(entry, out);
        whole = true;
      } else throw strange("it holds something that no back-up does.");
    }
    await opened;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("refused", "The back-up is damaged: it was cut off or changed.", { cause: error });
  }
  if (manifest === null || !whole) throw strange("it has no database.");
  if ((manifest.key === "included") !== (key !== null)) throw strange("its manifest and its key do not agree.");
  return { manifest, key, databaseFile };
}
