import { randomBytes } from "node:crypto";
import { encodeMachineConfig, parseMachineConfig } from "@/lib/machine-config/documents";
import { redactDocuments } from "@/lib/machine-config/redact";

/**
 * Puts something made up in place of every secret of a config, so that whatever is computed from it (a test of a JSON patch, a
 * difference, a hash) tells nothing of the secrets themselves. The same secret in the same place gets the same stand-in from
 * one blinder, so that two configs of one node differ where they differ.
 * @returns a function from a config's text to the text without its secrets; it throws AppError `invalid-input` for no config.
 */
export function createBlinder(
  random: () => string = () => randomBytes(12).toString("hex"),
): (config: string) => string {
  const standIns = new Map<string, string>();
  return (config) =>
    encodeMachineConfig(
      redactDocuments(parseMachineConfig(config), (value, path) => {
        const key = `${path}\n${value}`;
        const standIn = standIns.get(key) ?? `withheld-${random()}`;
        standIns.set(key, standIn);
        return standIn;
      }),
    );
}
