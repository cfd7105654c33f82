import "./check-node.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { filesBelow, hashFiles, readIfThere } from "./file-hash.mjs";
import { installDependencies } from "./install.mjs";
import { root } from "./root.mjs";

/** Everything between a fresh clone and a build: dependencies and generated code. Quick when nothing has changed. */
export async function setUp() {
  requireWritable();
  installDependencies();
  const { generateProto } = await import("./gen.mjs");
  generateProto();
  generatePrisma();
}

function requireWritable() {
  try {
    fs.accessSync(root, fs.constants.W_OK);
    const probe = path.join(root, `.write-probe-${process.pid}`);
    fs.writeFileSync(probe, "");
    fs.rmSync(probe);
  } catch {
    throw new Plain(
      `${root} cannot be written to: Ichor installs its dependencies and its build there. Use a copy that you may write to.`,
    );
  }
}

/** `prisma/schema` → `lib/db/gen`. */
function generatePrisma() {
  const stamp = path.join(root, "node_modules/.cache/ichor-gen/prisma");
  const inputs = [...filesBelow(path.join(root, "prisma/schema")), path.join(root, "node_modules/prisma/package.json")];
  const hash = hashFiles(root, inputs);
  if (readIfThere(stamp) === hash && fs.existsSync(path.join(root, "lib/db/gen/client.ts"))) return;
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [path.join(root, "node_modules/prisma/build/index.js"), "generate"],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
    },
  );
  if (status !== 0) throw new Plain(`The database client could not be generated.\n\n${stdout}${stderr}`);
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(setUp);
