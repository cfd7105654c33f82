import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/** Every file below a path (or the path itself), sorted; nothing for one that does not exist. */
export function filesBelow(start, keep = () => true) {
  if (!fs.existsSync(start)) return [];
  if (fs.statSync(start).isFile()) return keep(start) ? [start] : [];
  return fs
    .readdirSync(start, { withFileTypes: true })
    .flatMap((entry) => filesBelow(path.join(start, entry.name), keep))
    .sort();
}

/** sha256 over names and contents, so that a renamed file counts as changed too. */
export function hashFiles(root, files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(fs.readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

export const readIfThere = (file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : null);
