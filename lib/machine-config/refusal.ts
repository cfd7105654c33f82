import { AppError } from "@/lib/core/errors";
import { validateConfigText, type ValidateOptions } from "@/lib/machine-config/validate";

/**
 * What a node says when it refuses a config: all errors in one text, in the form that Talos gives them (hashicorp/go-multierror). Null where
 * it takes the config. For the simulated node's dry run and apply.
 */
export function configRefusal(text: string, options: ValidateOptions): string | null {
  const errors = errorsOf(text, options);
  if (errors.length === 0) return null;
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  return `${count} occurred:\n${errors.map((error) => `\t* ${error}\n`).join("")}\n`;
}

function errorsOf(text: string, options: ValidateOptions): string[] {
  try {
    return validateConfigText(text, options)
      .filter(({ severity }) => severity === "error")
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid-input") return [error.message];
    throw error;
  }
}
