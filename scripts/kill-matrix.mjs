import "./check-node.mjs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { onStopSignal, startNode, stop } from "./processes.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";

// The real server, killed in the middle of upgrades: `npm run kill-matrix -- --help`.
async function run() {
  if (process.platform !== "linux") throw new Plain("It needs Linux: the simulated nodes are on 127.0.0.0/8.");
  await setUp();
  build();
  const file = path.join(root, "kill-matrix/main.ts");
  const child = startNode(["--import", "tsx", "--disable-warning=DEP0123", file, ...process.argv.slice(2)], {
    server: true,
  });
  onStopSignal(() => void stop(child));
  const { code } = await child.ended;
  if (code !== 0) throw new Plain("Not every upgrade survived; the lines above say which.");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(run);
