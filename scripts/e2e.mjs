import "./check-node.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { findBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { freePort, onStopSignal, startNode, stop } from "./processes.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";
import { spawnedCounts } from "./test-counts.mjs";

/** Runs Playwright against a demo of its own: free port, empty data directory, fast fleet. */
export async function runEndToEnd(args = []) {
  const browser = await findBrowser();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-e2e-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // Where a test starts an identity provider; the others see a console whose provider is down.
  const providerPort = await freePort();
  const env = {
    PORT: String(port),
    HOST: "127.0.0.1",
    ICHOR_DATA_DIR: dir,
    ICHOR_URL: url,
    ICHOR_OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
    ICHOR_OIDC_CLIENT_ID: "ichor",
    ICHOR_OIDC_CLIENT_SECRET: "test-secret",
    ICHOR_OIDC_ROLE_OPERATOR: "operators",
    ICHOR_OIDC_ROLE_AUDITOR: "auditors",
    ICHOR_OIDC_BUTTON_LABEL: "Continue with the test provider",
    ICHOR_SIM_SPEED: process.env.ICHOR_SIM_SPEED || "8",
  };
  const lines = [];
  let tell;
  const ready = new Promise((resolve) => (tell = resolve));
  const demo = startNode([path.join(root, "scripts/demo.mjs"), "--restart"], {
    env,
    server: true,
    output: (line) => {
      lines.push(line);
      if (/^\s*Stop it with Ctrl-C/.test(line)) tell(true);
    },
  });
  onStopSignal(() => void stop(demo));
  try {
    const started = await Promise.race([ready, demo.ended.then(() => false)]);
    if (!started) throw new Plain(`The demo for the end-to-end tests did not start.\n\n${lines.slice(-15).join("\n")}`);
    const report = path.join(dir, "report.json");
    const counts = await playwright(args, report, {
      ICHOR_E2E_URL: url,
      ICHOR_E2E_PROVIDER_PORT: String(providerPort),
      ICHOR_E2E_DATA_DIR: dir,
      CHROMIUM_PATH: browser,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    });
    if (counts.failed > 0)
      console.error(
        lines
          .filter((line) => / (warn|error) /.test(line))
          .slice(-20)
          .join("\n"),
      );
    return counts;
  } finally {
    await stop(demo);
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function playwright(args, report, env) {
  const cli = path.join(root, "node_modules/@playwright/test/cli.js");
  const { ended } = startNode([cli, "test", "--reporter=list,json", ...args], { env });
  const { code } = await ended;
  return spawnedCounts(code, report, ({ stats }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
  }));
}

export const hasEndToEnd = () =>
  fs.existsSync(path.join(root, "e2e")) &&
  spawnSync("find", [path.join(root, "e2e"), "-name", "*.spec.ts"], { encoding: "utf8" }).stdout.trim() !== "";

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await setUp();
    build();
    const { passed, failed } = await runEndToEnd(process.argv.slice(2));
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  });
}
