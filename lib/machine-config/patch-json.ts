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

const missing = (path: string): AppError =>
  new AppError(
    "invalid-input",
    `The JSON patch names ${path || "the whole config"}, ${path ? "where the config has nothing" : "which can only be replaced, and by a mapping"}.`,
    {
      hint: "A path leads from the top of the config: /machine/network/nameservers/0. Members on the way have to be there.",
    },
  );

const stepsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

function indexOf(items: readonly YamlValue[], step: string, path: string, insert: boolean): number {
  if (insert && step === "-") return items.length;
  if (!/^[-+]?\d+$/.test(step)) throw missing(path);
  const given = Number(step);
  // evanphx/json-patch counts negative indexes from the end.
  const index = given < 0 ? items.length + given + (insert ? 1 : 0) : given;
  if (index < 0 || index > items.length - (insert ? 0 : 1)) throw missing(path);
  return index;
}

/** undefined where the last step of an object is missing. @throws AppError where one before it is, or a list has no such place. */
function read(value: YamlValue, path: string): YamlValue | undefined {
  const steps = stepsOf(path);
  return steps.reduce<YamlValue | undefined>((current, step, index) => {
    if (isYamlSequence(current)) return current[indexOf(current, step, path, false)];
    if (!isYamlMap(current)) throw missing(path);
    const found = Object.hasOwn(current, step) ? current[step] : undefined;
    if (found === undefined && index < steps.length - 1) throw missing(path);
    return found;
  }, value);
}

type Edit = { kind: "add" | "replace"; value: YamlValue } | { kind: "remove" };

function edit(value: YamlValue, steps: string[], change: Edit, path: string): YamlValue {
  const [step, ...rest] = steps;
  if (step === undefined) {
    // The whole document can only be replaced, and only by an object or a list.
    if (change.kind !== "replace" || typeof change.value !== "object") throw missing(path);
    return change.value;
  }
  if (isYamlSequence(value)) {
    const index = indexOf(value, step, path, rest.length === 0 && change.kind === "add");
    if (rest.length > 0) return value.map((item, at) => (at === index ? edit(item, rest, change, path) : item));
    const items = [...value];
    if (change.kind === "remove") items.splice(index, 1);
    else items.splice(index, change.kind === "replace" ? 1 : 0, change.value);
    return items;
  }
  if (!isYamlMap(value)) throw missing(path);
  const exists = Object.hasOwn(value, step);
  // Replacing what is not there adds it, as evanphx/json-patch 5 does for objects (`partialDoc.get` finds nothing wrong).
  if (!exists && (rest.length > 0 || change.kind === "remove")) throw missing(path);
  if (rest.length > 0) return { ...value, [step]: edit(value[step] ?? null, rest, change, path) };
  if (change.kind === "remove") return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step));
  return Object.fromEntries([...Object.entries(value).filter(([key]) => exists || key !== step), [step, change.value]]);
}

const canonical = (value: YamlValue | undefined): string =>
  JSON.stringify(value ?? null, (_, member: unknown) => {
    if (typeof member === "bigint") return String(member);
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)));
  });

/**
 * Applies JSON Patch (RFC 6902) operations in order.
 *
 * @throws AppError `invalid-input` when a path is missing or a test fails; values are never quoted.
 */
export function applyJsonPatch(value: YamlValue, operations: readonly JsonPatchOperation[]): YamlValue {
  return operations.reduce((current, step) => {
    switch (step.op) {
      case "add":
      case "replace":
        return edit(current, stepsOf(step.path), { kind: step.op, value: step.value }, step.path);
      case "remove":
        return edit(current, stepsOf(step.path), { kind: "remove" }, step.path);
      case "test":
        if (canonical(read(current, step.path)) === canonical(step.value)) return current;
        throw new AppError(
          "invalid-input",
          `The JSON patch's test at ${step.path} fails: the config has another value.`,
        );
      case "move":
      case "copy": {
        const found = read(current, step.from);
        if (found === undefined && step.op === "move") throw missing(step.from);
        // Upstream copies what is not there as null, which says nothing.
        const moved = found ?? null;
        const from = step.op === "move" ? edit(current, stepsOf(step.from), { kind: "remove" }, step.from) : current;
        return edit(from, stepsOf(step.path), { kind: "add", value: moved }, step.path);
      }
    }
  }, value);
}
