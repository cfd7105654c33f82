import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Plain } from "./console-error.mjs";
import { root } from "./root.mjs";
import { homeDir } from "./settings.mjs";

const modules = path.join(root, "node_modules");

/** Installs the dependencies unless node_modules is in step with package-lock.json and its native part loads. */
export function installDependencies() {
  if (isInStep() && nativeLoads()) return false;
  console.log("Installing dependencies (a minute or two the first time)…");
  const cache = prebuiltCache();
  const { status, error, stdout, stderr } = npm(
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      ...process.env,
      ...cache.env,
      ...headersOfThisNode(),
    },
  );
  if (error) throw new Plain(`npm could not be started (${error.message}). It comes with Node: install Node again.`);
  if (status !== 0) throw new Plain(explain(`${stdout}${stderr}`));
  if (!nativeLoads()) throw new Plain("better-sqlite3 was installed but does not load on this system.");
  cache.keep();
  return true;
}

/** Compares the lock file with the one that npm leaves in node_modules. */
function isInStep() {
  const wanted = readLock(path.join(root, "package-lock.json"));
  const present = readLock(path.join(modules, ".package-lock.json"));
  if (!wanted) throw new Plain("package-lock.json is missing: this is not a whole copy of the repository.");
  if (!present) return false;
  return Object.entries(wanted).every(([name, { version, optional, devOptional, peer, link }]) => {
    if (name === "" || link) return true;
    const found = present[name];
    return found ? found.version === version : Boolean(optional || devOptional || peer);
  });
}

const readLock = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")).packages : null);

function nativeLoads() {
  // In a process of its own: a module that once failed to load fails for good.
  const probe = `new (require("better-sqlite3"))(":memory:").close()`;
  return spawnSync(process.execPath, ["-e", probe], { cwd: root, stdio: "ignore" }).status === 0;
}

function npm(args, env) {
  const cli = process.env.npm_execpath;
  const [command, before] = cli && cli.endsWith(".js") ? [process.execPath, [cli]] : ["npm", []];
  return spawnSync(command, [...before, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32" && before.length === 0,
  });
}

/**
 * Should better-sqlite3 have to be compiled, the headers that came with this Node save their download. Nothing changes
 * where a ready-made binary can be had.
 */
function headersOfThisNode() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  const header = path.join(prefix, "include/node/node_version.h");
  if (process.env.npm_config_nodedir || !fs.existsSync(header)) return {};
  const text = fs.readFileSync(header, "utf8");
  const [major, minor, patch] = ["MAJOR", "MINOR", "PATCH"].map(
    (part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return `${major}.${minor}.${patch}` === process.versions.node ? { npm_config_nodedir: prefix } : {};
}

/** Keeps the native binary of one installation for the next, since compiling it takes over a minute. */
function prebuiltCache() {
  const glibc = process.platform === "linux" && process.report.getReport().header.glibcVersionRuntime !== undefined;
  const home = homeDir();
  const caches = process.env.XDG_CACHE_HOME || (home && path.join(home, ".cache"));
  if (!glibc || !caches) return { env: {}, keep: () => {} };
  const dir = path.join(caches, "ichor", "prebuilds");
  const env = { npm_config_better_sqlite3_local_prebuilds: dir };
  const keep = () => {
    const version = createRequire(path.join(root, "package.json"))("better-sqlite3/package.json").version;
    const name = `better-sqlite3-v${version}-node-v${process.versions.modules}-linux-${process.arch}.tar.gz`;
    const kept = path.join(dir, name);
    if (fs.existsSync(kept)) return;
    try {
      fs.mkdirSync(dir, { recursive: true });
      const part = `${kept}.${process.pid}`;
      const { status } = spawnSync("tar", [
        "-czf",
        part,
        "-C",
        path.join(modules, "better-sqlite3"),
        "build/Release/better_sqlite3.node",
      ]);
      if (status === 0) fs.renameSync(part, kept);
      else fs.rmSync(part, { force: true });
    } catch {
      // A cache that cannot be written costs time at the next installation, nothing else.
    }
  };
  return { env, keep };
}

function explain(output) {
  const unreachable =
    /npm (error|ERR!).*(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network)/i.test(output);
  if (unreachable && !/better-sqlite3/.test(output)) {
    return "The dependencies cannot be downloaded: the package registry cannot be reached. Connect this machine to the network (or set npm's proxy) and try again.";
  }
  if (/EACCES|EROFS|EPERM/.test(output)) return `The dependencies cannot be installed: ${root} cannot be written to.`;
  if (/ENOSPC/.test(output)) return "The dependencies cannot be installed: the disk is full.";
  if (/better-sqlite3|node-gyp/.test(output)) {
    return `The database library could neither be downloaded ready-made nor compiled. Connect to the network, or install a C++ compiler, make and Python.\n\n${tail(output)}`;
  }
  return `The dependencies could not be installed (npm ci failed).\n\n${tail(output)}`;
}

const tail = (output) => output.trim().split("\n").slice(-15).join("\n");
