import type { z } from "zod";
import { AppError } from "@/lib/core/errors";

/** The query of a request, parsed. @throws AppError `invalid-input` with a sentence per parameter. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) fields[path.map(String).join(".")] ??= message;
  throw new AppError("invalid-input", `These parameters are not valid: ${Object.keys(fields).join(", ")}.`, { fields });
}
