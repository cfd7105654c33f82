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
  if (process.env.XDG_DATA_HOME) return process.env.XDG_DATA_HOME;
  return path.join(os.homedir(), process.platform === "darwin" ? "Library/Application Support" : ".local/share");
}
