// Writes all generated code: the gRPC clients of `proto/`. Needs node_modules only, no network.
// A part is skipped while its inputs (and the tool's version) are unchanged; `--force` writes all of them again.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");

const filesBelow = (path) =>
  readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]))
    .sort();

/** Hashes names and contents of the inputs, so that a renamed file counts as changed too. */
function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

/** Runs `write` unless `output` was written from the same inputs before. The stamp is written last: a killed run starts over. */
function generate({ name, inputs, output, force }, write) {
  const stamp = join(root, "node_modules", ".cache", "ichor-gen", name);
  const hash = hashOf(inputs);
  const current = !force && existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (current) return false;
  rmSync(stamp, { force: true });
  write();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

/** Runs a tool of node_modules and ends with one sentence when it fails. */
function run(tool, args, cwd) {
  const { status, error } = spawnSync(join(bin, tool), args, {
    cwd,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`, BUF_NO_UPDATE_CHECK: "1" },
  });
  if (error) throw new Error(`${tool} did not start: ${error.message}. Run npm ci first.`);
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")} failed with exit code ${status}.`);
}

/** `proto/` → `lib/talos/gen/`. */
export function generateProto({ force = false } = {}) {
  const proto = join(root, "proto");
  const inputs = filesBelow(proto).filter((file) => file.endsWith(".proto") || file.endsWith(".yaml"));
  inputs.push(join(root, "node_modules", "ts-proto", "package.json"));
  return generate({ name: "proto", inputs, output: join(root, "lib", "talos", "gen"), force }, () =>
    run("buf", ["generate"], proto),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const force = process.argv.includes("--force");
  try {
    console.log(generateProto({ force }) ? "Generated lib/talos/gen." : "lib/talos/gen is up to date.");
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
