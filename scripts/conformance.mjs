import "./check-node.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { startNode } from "./processes.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";

const usage = `Usage: npm run conformance -- [options]
  --seed N      the cases of an earlier run
  --long        twenty times as many cases
  --only TEXT   only what has TEXT in its name: configs, wire, peer, …
  --write-fields  writes the tables of config fields that the libraries have; judges nothing
  --files DIR   real config files and patches: what Talos and Ichor say of each
  --required    fail, rather than skip, where Go is missing
`;
const oldestGo = [1, 26];
const goModule = path.join(root, "conformance");
const bin = path.join(root, "node_modules/.cache/ichor-conformance");

/** What is built from the Go module; older releases have requirements of their own and leave newer calls out by a tag. */
const programs = [
  { output: "judge-1.14", folder: "./judge", flags: [] },
  { output: "judge-1.13", folder: "./judge", flags: ["-modfile=go-1.13.mod", "-tags=talos113"] },
  { output: "client", folder: "./client", flags: [] },
  { output: "peer", folder: "./peer", flags: [] },
  { output: "judge-1.12", folder: "./judge", flags: ["-modfile=go-1.12.mod", "-tags=talos112"] },
];

/** Null where a Go that is new enough is there, else the sentence that says why nothing is judged. */
function missingGo() {
  const { status, stdout } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8", cwd: goModule });
  const wanted = `Go ${oldestGo.join(".")} or newer`;
  if (status !== 0)
    return `Skipped: ${wanted} is needed to build the Talos libraries that judge, and there is none on this machine.`;
  const [major = 0, minor = 0] = stdout.replace("go", "").split(".").map(Number);
  const fits = major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1]);
  return fits
    ? null
    : `Skipped: ${wanted} is needed to build the Talos libraries that judge; this is ${stdout.trim()}.`;
}

function buildPrograms() {
  fs.mkdirSync(bin, { recursive: true });
  for (const { output, folder, flags } of programs) {
    console.log(`Building ${output}…`);
    const { status, stderr } = spawnSync("go", ["build", ...flags, "-o", path.join(bin, output), folder], {
      cwd: goModule,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Plain(`${output} could not be built.\n\n${stderr}`);
  }
}

async function run() {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(usage);
  const required = args.includes("--required");
  const missing = missingGo();
  if (missing !== null) {
    if (required) throw new Plain(missing);
    return console.log(missing);
  }
  await setUp();
  buildPrograms();
  // `server-only` is a marker for Next's bundler, and throws elsewhere unless this condition is set.
  const { ended } = startNode([
    "--conditions=react-server",
    "--import=tsx",
    path.join(goModule, "run.ts"),
    `--bin=${bin}`,
    ...args.filter((arg) => arg !== "--required"),
  ]);
  const { code } = await ended;
  process.exitCode = code ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(run);
