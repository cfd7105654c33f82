import { parseArgs } from "node:util";
import { env } from "@/lib/core/env";
import { AppError, errorMessage } from "@/lib/core/errors";
import { verifyExport } from "./audit-export-file";
import { exitCodes, verifyFile } from "./audit-file";
import { loadEnvFile } from "./settings.mjs";

// `npm run audit:verify [-- --head 120:9f86…]` reads the database of a running or stopped server; `-- --file audit.jsonl` an export.
// Ends with 0 for an intact chain, 1 for a broken one or a head that is not in it, 2 where it could not be verified.
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { head: { type: "string" }, file: { type: "string" } } });
  loadEnvFile();
  const { code, lines } =
    values.file === undefined ? verifyFile(env().databaseFile, values.head ?? null) : await verifyExport(values.file);
  (code === exitCodes.good ? console.log : console.error)(lines.join("\n"));
  process.exitCode = code;
}

main().catch((error: unknown) => {
  console.error(error instanceof AppError && error.hint ? `${error.message} ${error.hint}` : errorMessage(error));
  process.exitCode = exitCodes.unknown;
});
