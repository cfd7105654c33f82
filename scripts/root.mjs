import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's directory, wherever a command is started from. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
