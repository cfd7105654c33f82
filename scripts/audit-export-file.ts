import { createHash, createPublicKey, verify } from "node:crypto";
import fs from "node:fs";
import readline from "node:readline";
import { z } from "zod";
import { chainStart, hashRow } from "@/lib/audit/chain";
import { AppError } from "@/lib/core/errors";
import { exitCodes, type Told } from "./audit-file";

const text = z.string().nullable();
const point = z.object({ seq: z.number().int(), hash: z.string() });
const header = z.object({
  format: z.literal("ichor/audit-export/v1"),
  filter: z.record(z.string(), z.unknown()),
  after: point.nullable(),
});
const entry = z.object({
  seq: z.number().int(),
  id: z.string(),
  at: z.coerce.date(),
  phase: z.string(),
  action: z.string(),
  actor: z.string(),
  actorName: z.string(),
  onBehalfOf: text,
  targetKind: text,
  targetId: text,
  targetName: text,
  requestId: z.string(),
  intentId: text,
  outcome: text,
  errorCode: text,
  durationMs: z.number().nullable(),
  detail: z.string(),
  prevHash: z.string(),
  hash: z.string(),
});
const end = z.object({
  end: z.literal(true),
  entries: z.number().int(),
  sha256: z.string(),
  head: point,
  signature: z.string(),
  publicKey: z.string(),
});

/**
 * Checks an export by what stands in it, without a database: each entry's hash, that none is missing where nothing was filtered
 * out, and the signature over all of it. Whose key that is, only a comparison with one that was kept tells.
 * @throws AppError `invalid-input` for a file that is no export.
 */
export async function verifyExport(file: string): Promise<Told> {
  const digest = createHash("sha256");
  let first: z.output<typeof header> | null = null;
  let at = chainStart;
  let entries = 0;
  for await (const line of readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })) {
    const value: unknown = JSON.parse(line);
    const last = end.safeParse(value);
    if (last.success) return signedEnd(last.data, entries, digest.digest("hex"));
    digest.update(`${line}\n`);
    if (!first) {
      const parsed = header.safeParse(value);
      if (!parsed.success) throw new AppError("invalid-input", `${file} is not an export of the audit log.`);
      first = parsed.data;
      at = first.after ?? chainStart;
      continue;
    }
    const row = entry.parse(value);
    entries += 1;
    if (hashRow(row) !== row.hash) return bad(`Entry ${row.seq} was changed.`);
    const whole = Object.keys(first.filter).length === 0;
    if (whole && row.seq !== at.seq + 1) return bad(`Entry ${at.seq + 1} is missing.`);
    if (row.seq === at.seq + 1 && row.prevHash !== at.hash)
      return bad(`Entry ${row.seq} does not follow the one before it.`);
    at = row;
  }
  return bad("The file ends too early: the line that signs it is missing.");
}

const bad = (line: string): Told => ({ code: exitCodes.bad, lines: [line] });

function signedEnd(last: z.output<typeof end>, entries: number, sha256: string): Told {
  const { head, signature, publicKey } = last;
  const signed = JSON.stringify(["ichor/audit-export/v1", entries, sha256, head.seq, head.hash]);
  const key = createPublicKey(publicKey);
  if (
    last.entries !== entries ||
    last.sha256 !== sha256 ||
    !verify(null, Buffer.from(signed), key, Buffer.from(signature, "base64"))
  )
    return bad("The file was changed: its signature does not fit.");
  const fingerprint = createHash("sha256")
    .update(key.export({ format: "der", type: "spki" }))
    .digest("hex");
  return {
    code: exitCodes.good,
    lines: [
      `Intact: ${entries} entries of a log whose head was ${head.seq}:${head.hash}`,
      `Signed with the key ${fingerprint}. Compare that with an earlier export of the same Ichor.`,
    ],
  };
}
