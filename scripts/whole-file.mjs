import fs from "node:fs";

/**
 * Writes a file that other processes read: they find the former text or the new one, never a half, also when this
 * process is killed in between. For this user's eyes only.
 *
 * @param {string} file
 * @param {string} text
 */
export function writeWhole(file, text) {
  const coming = `${file}.new`;
  // A part that a killed writer left may be open to others, and writing into it would keep that.
  fs.rmSync(coming, { force: true });
  fs.writeFileSync(coming, text, { mode: 0o600, flag: "wx", flush: true });
  fs.renameSync(coming, file);
}
