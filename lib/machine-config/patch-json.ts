import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { verbatim, verbatimText } from "@/lib/core/go-yaml-verbatim";
import { readingYaml } from "@/lib/core/yaml";
import type { YamlNode } from "@/lib/core/yaml-node";
import { resolveUntyped } from "@/lib/core/yaml-untyped";
import { isYamlMap } from "@/lib/machine-config/documents";
import { jsonNumber } from "@/lib/machine-config/patch-json-text";

const pointer = z.string().regex(/^(?:\/.*)?$/s, { error: "A path starts with a slash." });
const operation = z.discriminatedUnion("op", [
  z.object({ op: z.literal("add"), path: pointer, value: z.custom<YamlValue>((value) => value !== undefined) }),
  z.object({ op: z.literal("replace"), path: pointer, value: z.custom<YamlValue>((value) => value !== undefined) }),
  z.object({ op: z.literal("test"), path: pointer, value: z.custom<YamlValue>().optional() }),
  z.object({ op: z.literal("remove"), path: pointer }),
  z.object({ op: z.literal("move"), path: pointer, from: pointer }),
  z.object({ op: z.literal("copy"), path: pointer, from: pointer }),
]);
export type JsonPatchOperation = z.infer<typeof operation>;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const noJson = (problem: string): AppError =>
  new AppError("invalid-input", `The JSON patch holds ${problem}, which JSON does not have.`, {
    hint: "Put it in quotes.",
  });

/** A patch that is YAML becomes JSON by its form (configpatcher/load.go). */
function jsonForm(value: YamlValue): YamlValue {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw noJson("a number that is none");
    return jsonNumber(value);
  }
  if (typeof value === "string") {
    const written = verbatimText(value);
    if (written === null) return value;
    if (written.startsWith("!!binary ")) return Buffer.from(written.slice(9), "base64").toString();
    return /^-?\d(?:\.\d+)?e\+\d+$/.test(written) ? jsonNumber(Number(written)) : written;
  }
  if (isYamlSequence(value)) return value.map(jsonForm);
  if (!isYamlMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (verbatimText(key) !== null) throw noJson("a key that is no text");
      return [key, jsonForm(member ?? null)];
    }),
  );
}

/**
 * Reads a JSON patch, in JSON or YAML.
 *
 * @param text the patch, for what only JSON keeps: there `1000000.0` is no integer.
 * @throws AppError `invalid-input` for anything but a list of JSON Patch operations.
 */
export function readJsonPatch(text: string, list: YamlNode): JsonPatchOperation[] {
  const value = readingYaml("The patch", () => resolveUntyped(list, { keys: "typed" }));
  if (isJson(text)) return parseJsonPatch(value);
  // The null of a YAML patch is a value of its own to evanphx/json-patch, which nothing in a config is equal to.
  return parseJsonPatch(jsonForm(value)).map((step) =>
    step.op === "test" && step.value === null ? { ...step, value: verbatim("null") } : step,
  );
}

/** @throws AppError `invalid-input` for anything but a list of JSON Patch operations. */
export function parseJsonPatch(value: YamlValue): JsonPatchOperation[] {
  const parsed = z.array(operation).safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new AppError(
    "invalid-input",
    `The patch is a list, but not one of JSON Patch operations${at === "" ? "" : ` (at ${at})`}.`,
    {
      hint: "Each operation has op, path and, for add, replace and test, value.",
    },
  );
}
