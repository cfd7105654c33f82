import "./check-node.mjs";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { generate } from "./gen.mjs";
import { installDependencies } from "./install.mjs";
import { root } from "./root.mjs";

/** Everything between a fresh clone and a build: dependencies and generated code. Quick when nothing has changed. */
export async function setUp() {
  requireWritable();
  installDependencies();
  generate();
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(setUp);
