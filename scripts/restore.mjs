import "./check-node.mjs";
import fs from "node:fs";
import path from "node:path";
import { main, Plain } from "./console-error.mjs";
import { startNode, takeDataDir } from "./processes.mjs";
import { root } from "./root.mjs";
import { loadEnvFile, readSettings } from "./settings.mjs";
import { setUp } from "./setup.mjs";

const usage = `Usage: npm run restore -- FILE [options]
Puts a back-up of Ichor in place of everything in its data directory, while Ichor is stopped. What was there is set aside.
  --identity FILE         the age identity (AGE-SECRET-KEY-1…) of one of its recipients
  --passphrase-file FILE  the passphrase that it was encrypted with (default: ICHOR_BACKUP_PASSPHRASE_FILE)
  --prove                 only prove that it opens and could be started with
`;

/** Takes `--name value` out of the arguments. */
function take(args, name) {
  const at = args.indexOf(name);
  if (at < 0) return null;
  const [, value] = args.splice(at, 2);
  if (value === undefined) throw new Plain(`${name} needs a file.\n\n${usage}`);
  return path.resolve(value);
}

await main(async () => {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(usage);
  loadEnvFile();
  const identity = take(args, "--identity");
  const given = take(args, "--passphrase-file") ?? process.env.ICHOR_BACKUP_PASSPHRASE_FILE?.trim();
  const proveAt = args.indexOf("--prove");
  const prove = proveAt >= 0 && args.splice(proveAt, 1).length > 0;
  const [file, ...more] = args;
  if (file === undefined || more.length > 0) throw new Plain(usage);
  if (!fs.existsSync(file)) throw new Plain(`There is no file ${file}.`);
  if (identity === null && !given)
    throw new Plain(`Name what opens it: --identity FILE, or --passphrase-file FILE.\n\n${usage}`);
  const { dataDir } = readSettings("ichor");
  // A proof only reads; a restore needs the data directory for itself, so the server has to be stopped.
  if (!prove) process.on("exit", takeDataDir(dataDir));
  await setUp();
  const work = [prove ? "prove" : "restore", path.resolve(file), identity === null ? "passphrase" : "identity"];
  // "react-server" is the condition under which the marker package of server code may be imported.
  const { ended } = startNode(
    [
      "--conditions=react-server",
      "--import=tsx",
      path.join(root, "scripts/restore.ts"),
      ...work,
      identity ?? path.resolve(given ?? ""),
    ],
    { env: { ICHOR_DATA_DIR: dataDir } },
  );
  const { code } = await ended;
  process.exitCode = code ?? 1;
});
