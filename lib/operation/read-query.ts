import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { parseWhole } from "./parse-whole";

/** The query of a request, parsed whole. @throws AppError `invalid-input` with a sentence per parameter. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const parsed = parseWhole(schema, Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.ok) return parsed.value;
  const names = Object.keys(parsed.fields).join(", ");
  throw new AppError("invalid-input", `These parameters are not valid: ${names}.`, { fields: parsed.fields });
}
