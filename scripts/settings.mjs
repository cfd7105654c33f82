import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Plain } from "./console-error.mjs";
import { root } from "./root.mjs";

/** Takes settings from `.env` that the environment does not have. */
export function loadEnvFile() {
  const file = path.join(root, ".env");
  if (fs.existsSync(file)) process.loadEnvFile(file);
}

/** What the commands themselves need of the settings; the server checks all of them. */
export function readSettings(defaultDirName) {
  const text = process.env.PORT?.trim() || "3000";
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Plain("PORT must be a port number from 1 to 65535.");
  const host = process.env.HOST?.trim() || "127.0.0.1";
  const dataDir = path.resolve(process.env.ICHOR_DATA_DIR?.trim() || path.join(userDataDir(), defaultDirName));
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : shown;
  return { port, host, dataDir, address: `http://${shown}:${port}`, loopback: `http://${reached}:${port}` };
}

function userDataDir() {
  const { XDG_DATA_HOME } = process.env;
  if (XDG_DATA_HOME && path.isAbsolute(XDG_DATA_HOME)) return XDG_DATA_HOME;
  const home = homeDir();
  if (home === null)
    throw new Plain("This user has no home directory to keep data in: set ICHOR_DATA_DIR to a directory of its own.");
  return path.join(home, process.platform === "darwin" ? "Library/Application Support" : ".local/share");
}

/** Null for a user without one, as service accounts and containers have them. */
export function homeDir() {
  try {
    const home = os.homedir();
    return path.isAbsolute(home) ? home : null;
  } catch {
    return null;
  }
}
