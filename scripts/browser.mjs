import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Plain } from "./console-error.mjs";
import { root } from "./root.mjs";

const known = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const runs = (file) =>
  Boolean(file) && fs.existsSync(file) && spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0;

/** The path of a Chromium for the end-to-end tests; fetches one where there is none: Debian's as root, else Playwright's own. */
export async function findBrowser() {
  const present = [process.env.CHROMIUM_PATH, ...known].find(runs) ?? (await playwrightsOwn());
  if (present) return present;
  console.log("Installing a browser for the end-to-end tests…");
  const asRoot = process.getuid?.() === 0;
  if (asRoot && spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { env, stdio: "ignore" });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env, stdio: "ignore" });
    const installed = known.find(runs);
    if (installed) return installed;
  }
  const cli = path.join(root, "node_modules/@playwright/test/cli.js");
  spawnSync(process.execPath, [cli, "install", ...(asRoot ? ["--with-deps"] : []), "chromium"], {
    cwd: root,
    stdio: "ignore",
  });
  const own = await playwrightsOwn();
  if (own) return own;
  throw new Plain(
    "There is no browser for the end-to-end tests and none could be installed: install Chromium, or name one with CHROMIUM_PATH.",
  );
}

async function playwrightsOwn() {
  const { chromium } = await import("@playwright/test");
  const file = chromium.executablePath();
  return runs(file) ? file : null;
}
