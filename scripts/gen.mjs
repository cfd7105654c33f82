// Writes all generated code: the gRPC clients of `proto/` and the database client of `prisma/schema`. Needs node_modules only, no
// network. A part is skipped while its inputs (and the tool's version) are unchanged; `--force` writes both again.
import "./check-node.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { filesBelow, hashFiles, readIfThere } from "./file-hash.mjs";
import { root } from "./root.mjs";

const inRoot = (...parts) => path.join(root, ...parts);
const bin = inRoot("node_modules/.bin");

const parts = [
  {
    name: "proto",
    what: "The gRPC clients",
    inputs: () => filesBelow(inRoot("proto"), (file) => /\.(proto|yaml)$/.test(file)),
    tool: "ts-proto",
    output: "lib/talos/gen",
    cwd: inRoot("proto"),
    command: [path.join(bin, "buf"), "generate"],
  },
  {
    name: "prisma",
    what: "The database client",
    inputs: () => filesBelow(inRoot("prisma/schema")),
    tool: "prisma",
    output: "lib/db/gen/client.ts",
    cwd: root,
    command: [process.execPath, inRoot("node_modules/prisma/build/index.js"), "generate"],
  },
];

const environment = {
  ...process.env,
  // buf starts the ts-proto plugin by name.
  PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
  BUF_NO_UPDATE_CHECK: "1",
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
  CHECKPOINT_DISABLE: "1",
};

/** One part; false where it was up to date. The stamp is written last, so that a killed run starts over. */
function generatePart({ name, what, inputs, tool, output, cwd, command: [program, ...args] }, force) {
  const stamp = inRoot("node_modules/.cache/ichor-gen", name);
  const hash = hashFiles(root, [...inputs(), inRoot("node_modules", tool, "package.json")]);
  if (!force && readIfThere(stamp) === hash && fs.existsSync(inRoot(output))) return false;
  fs.rmSync(stamp, { force: true });
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", env: environment });
  if (status !== 0) throw new Plain(`${what} could not be generated.\n\n${error?.message ?? `${stdout}${stderr}`}`);
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
  return true;
}

/** Resolves with the outputs that were written. Throws `Plain` with what the tool said. */
export const generate = ({ force = false } = {}) =>
  parts.filter((part) => generatePart(part, force)).map(({ output }) => output);

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    const written = generate({ force: process.argv.includes("--force") });
    console.log(written.length > 0 ? `Generated ${written.join(" and ")}.` : "Generated code is up to date.");
  });
}
