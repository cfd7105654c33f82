import { celType } from "@/lib/machine-config/check/cel-check";
import { celEnvironments, type CelEnvironmentName } from "@/lib/machine-config/check/cel-environment";
import { parseCel } from "@/lib/machine-config/check/cel-parse";
import { CelProblem } from "@/lib/machine-config/check/cel-tokens";
import type { ConfigView } from "@/lib/machine-config/check/view";

type CelRule = {
  environment: CelEnvironmentName;
  type: "bool" | "double";
  /** The sentence where there is none; undefined: it may be left out. */
  required?: string;
  isAtLeast?: (release: string) => boolean;
};

// A chain of operators is walked by recursion, one level for each.
const mostCharacters = 10_000;

/** What is wrong with an expression, as the end of a sentence; null where Talos takes it (pkg/machinery/cel). */
export function celProblem(
  expression: string,
  { environment, type, isAtLeast = () => true }: Omit<CelRule, "required">,
): string | null {
  if (expression.length > mostCharacters) return `it is longer than ${mostCharacters.toLocaleString("en")} characters`;
  try {
    const found = celType(parseCel(expression), celEnvironments[environment], isAtLeast);
    if (found.is === type) return null;
    return type === "bool" ? "it gives no yes or no" : "it gives no number";
  } catch (error) {
    if (error instanceof CelProblem) return error.message;
    throw error;
  }
}

/** The expression at a path: is it there where it has to be, and does Talos understand it? */
export function checkCel(document: ConfigView, path: string, { required, ...rule }: CelRule): void {
  const expression = document.text(path);
  if (expression === "") {
    if (required !== undefined) document.error(path, required);
    return;
  }
  const problem = celProblem(expression, rule);
  if (problem !== null) document.error(path, `Talos does not understand the expression: ${problem}.`);
}
