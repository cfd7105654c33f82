import "./check-node.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { filesBelow, hashFiles, readIfThere } from "./file-hash.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";
import { buildWorker } from "./worker-build.mjs";

const sources = ["app", "components", "lib", "public", "prisma/migrations", "package-lock.json", "tsconfig.json"];
const isSource = (file) => !/\.test\.tsx?$|\.md$/.test(file);
const stamp = path.join(root, ".next/ichor-build");

/** Makes the production build, unless the one that is there was made from the same sources. */
export function build({ force = false } = {}) {
  const single = fs
    .readdirSync(root)
    .filter((name) => /\.(ts|mjs)$/.test(name) && !/\.test\.ts$|^next-env|^vitest/.test(name));
  const files = [...sources, ...single].flatMap((name) => filesBelow(path.join(root, name), isSource));
  const hash = `${process.versions.node} ${hashFiles(root, files)}`;
  if (!force && readIfThere(stamp) === hash) return false;
  console.log("Building the console…");
  fs.rmSync(stamp, { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, "node_modules/next/dist/bin/next"), "build"],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    },
  );
  if (status !== 0) throw new Plain(`The build failed.\n\n${stdout}${stderr}`);
  buildWorker();
  fs.writeFileSync(stamp, hash);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await setUp();
    console.log(build({ force: process.argv.includes("--force") }) ? "Built." : "The build is up to date.");
  });
}
