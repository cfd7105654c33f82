import "./check-node.mjs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { onStopSignal, startNode, stop } from "./processes.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";

/** What the exit code of `hostile/main.ts` says: nothing was wrong, but not all could be measured. */
const unmeasured = 2;

// The real server beside peers that want to take it down: `npm run hostile -- --help`.
async function run() {
  if (process.platform !== "linux") throw new Plain("It needs Linux: the simulated nodes are on 127.0.0.0/8.");
  await setUp();
  build();
  const file = path.join(root, "hostile/main.ts");
  const child = startNode(["--import", "tsx", "--disable-warning=DEP0123", file, ...process.argv.slice(2)], {
    server: true,
  });
  onStopSignal(() => void stop(child));
  const { code } = await child.ended;
  if (code === unmeasured) return void (process.exitCode = unmeasured);
  if (code !== 0) throw new Plain("A hostile peer did harm; the lines above say which.");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(run);
