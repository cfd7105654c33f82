import { AppError } from "@/lib/core/errors";

/** What the input of any operation may be at most, before a schema looks at it: far more than any form or script needs. */
export const inputBudget = { depth: 64, values: 100_000, characters: 8 * 1024 * 1024 } as const;

const tooMuch = (why: string): AppError =>
  new AppError("invalid-input", `The input is too much to be read: ${why}.`, { hint: "Send less in one request." });

/**
 * Refuses input that is nested too deep or holds too many values, which a schema would walk through by recursion. Its own walk has no
 * recursion and ends at the budget.
 *
 * @throws AppError `invalid-input`
 */
export function refuseTooMuch(input: unknown): void {
  let level: unknown[] = [input];
  let values = 0;
  let characters = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > inputBudget.depth) throw tooMuch(`it is nested more than ${inputBudget.depth} levels deep`);
    const next: unknown[] = [];
    for (const value of level) {
      values += 1;
      if (typeof value === "string") characters += value.length;
      else if (Array.isArray(value)) for (const item of value) next.push(item);
      else if (typeof value === "object" && value !== null)
        for (const [key, member] of Object.entries(value)) {
          characters += key.length;
          next.push(member);
        }
      if (values + next.length > inputBudget.values)
        throw tooMuch(`it holds more than ${inputBudget.values.toLocaleString("en")} values`);
      if (characters > inputBudget.characters) throw tooMuch("its texts are longer than 8 MiB");
    }
    level = next;
  }
}
