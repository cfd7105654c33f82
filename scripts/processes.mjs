import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Plain } from "./console-error.mjs";
import { root } from "./root.mjs";
import { writeWhole } from "./whole-file.mjs";

const endWithParent = pathToFileURL(path.join(root, "scripts/end-with-parent.mjs")).href;

/**
 * Starts Node with arguments. `output` is where its text goes: "inherit", or a function that gets each line. A server is one
 * that would run on for ever: it ends when this process does, however that ends.
 *
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, output?: "inherit" | ((line: string) => void), server?: boolean }} options
 */
export function startNode(args, { env = {}, output = "inherit", server = false } = {}) {
  const child = spawn(process.execPath, [...(server ? ["--import", endWithParent] : []), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["pipe", output === "inherit" ? "inherit" : "pipe", output === "inherit" ? "inherit" : "pipe"],
  });
  if (output !== "inherit") for (const stream of [child.stdout, child.stderr]) eachLine(stream, output);
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return { child, ended };
}

function eachLine(stream, take) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(take);
  });
  stream.on("end", () => rest && take(rest));
}

/**
 * Asks a child to end; kills it when it has not within `graceMs`, which is more than a console takes at the most.
 *
 * @returns {Promise<boolean>} whether it had to be killed
 */
export async function stop({ child, ended }, graceMs = 9500) {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  let killed = false;
  child.kill("SIGTERM");
  const timer = setTimeout(() => (killed = child.kill("SIGKILL")), graceMs);
  await ended;
  clearTimeout(timer);
  return killed;
}

/** Resolves once the console answers that it can be used; a server that ends first is a failure (it said why itself). */
export async function waitForHealth(address, server, withinMs = 90_000) {
  const untilMs = Date.now() + withinMs;
  let gone = false;
  void server.ended.then(() => (gone = true));
  while (Date.now() < untilMs) {
    if (gone) throw new Plain("The console did not start; its last lines above say why.");
    try {
      const response = await fetch(`${address}/api/health`, { signal: AbortSignal.timeout(2000) });
      if (response.ok) return;
    } catch (error) {
      // Node keeps the browsers' list of ports that belong to other protocols (Fetch standard, "bad port").
      if (error.cause?.message === "bad port")
        throw new Plain(
          `Browsers do not open ${address}: its port belongs to another protocol. Choose another, such as PORT=3000.`,
        );
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Plain(`The console did not answer at ${address} within ${withinMs / 1000} s.`);
}

/** @throws Plain when the port is in use, forbidden, or the address is not this machine's. */
export async function requireFreePort(host, port, command) {
  await new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", (error) => reject(new Plain(portSentence(error.code, host, port, command))));
    probe.listen({ host, port, exclusive: true }, () => probe.close(resolve));
  });
}

function portSentence(code, host, port, command) {
  if (code === "EADDRINUSE")
    return `Port ${port} is in use. Stop the program that uses it, or choose another: PORT=${port === 65535 ? 3001 : port + 1} ${command}`;
  if (code === "EACCES")
    return `Port ${port} may not be used by this user. Choose one above 1023: PORT=3000 ${command}`;
  return `HOST=${host} is not an address of this machine (${code}).`;
}

/** A port that is free now. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/**
 * Makes the data directory and takes it for this process, so that two servers never write to one database.
 *
 * @param {string} dir
 */
export function takeDataDir(dir) {
  const lock = path.join(dir, "ichor.pid");
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    fs.accessSync(dir, fs.constants.W_OK);
  } catch {
    throw new Plain(`The data directory ${dir} cannot be written to. Set ICHOR_DATA_DIR to one that can.`);
  }
  const [owner = "", startedAt = ""] = fs.existsSync(lock) ? fs.readFileSync(lock, "utf8").split(" ") : [];
  if (Number(owner) > 0 && Number(owner) !== process.pid && isAlive(Number(owner)) && startOf(owner) === startedAt) {
    throw new Plain(
      `Ichor already runs with the data directory ${dir} (process ${owner}). Stop it first, or set ICHOR_DATA_DIR to another directory.`,
    );
  }
  writeWhole(lock, `${process.pid} ${startOf("self")}`);
  return () => fs.rmSync(lock, { force: true });
}

/**
 * When a process began, in ticks since the machine did: after a crash its number may be that of another one. Empty where
 * the system does not tell.
 */
function startOf(pid) {
  try {
    // The name before it is in parentheses and may hold anything (proc_pid_stat(5), field 22).
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1).trim().split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs `onStop` once when the person (Ctrl-C) or the system asks this process to end. */
export function onStopSignal(onStop) {
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      onStop();
    });
  }
}
