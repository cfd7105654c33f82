import { parseArgs } from "node:util";
import { env } from "@/lib/core/env";
import { AppError, errorMessage } from "@/lib/core/errors";
import { exitCodes, verifyFile } from "./audit-file";
import { loadEnvFile } from "./settings.mjs";

// `npm run audit:verify [-- --head 120:9f86…]`: reads the database of a running or stopped server.
// Ends with 0 for an intact chain, 1 for a broken one or a head that is not in it, 2 where it could not be verified.
try {
  const { values } = parseArgs({ options: { head: { type: "string" } } });
  loadEnvFile();
  const { code, lines } = verifyFile(env().databaseFile, values.head ?? null);
  (code === exitCodes.good ? console.log : console.error)(lines.join("\n"));
  process.exitCode = code;
} catch (error) {
  console.error(error instanceof AppError && error.hint ? `${error.message} ${error.hint}` : errorMessage(error));
  process.exitCode = exitCodes.unknown;
}
