import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { isYamlMap } from "@/lib/machine-config/documents";

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
  new AppError("invalid-input", `The JSON patch names ${path}, where the config has nothing.`);

const stepsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

function indexOf(items: readonly YamlValue[], step: string, path: string, insert: boolean): number {
  if (insert && step === "-") return items.length;
  if (!/^-?\d+$/.test(step)) throw missing(path);
  const given = Number(step);
  // evanphx/json-patch counts negative indexes from the end.
  const index = given < 0 ? items.length + given + (insert ? 1 : 0) : given;
  if (index < 0 || index > items.length - (insert ? 0 : 1)) throw missing(path);
  return index;
}

function read(value: YamlValue, path: string): YamlValue | undefined {
  let current: YamlValue | undefined = value;
  for (const step of stepsOf(path)) {
    if (isYamlSequence(current)) current = current[indexOf(current, step, path, false)];
    else if (isYamlMap(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  return current;
}

type Edit = { kind: "add" | "replace"; value: YamlValue } | { kind: "remove" };

function edit(value: YamlValue, steps: string[], change: Edit, path: string): YamlValue {
  const [step, ...rest] = steps;
  if (step === undefined) return change.kind === "remove" ? null : change.value;
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
  if (!exists && (rest.length > 0 || change.kind !== "add")) throw missing(path);
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
        const moved = read(current, step.from);
        if (moved === undefined) throw missing(step.from);
        const from = step.op === "move" ? edit(current, stepsOf(step.from), { kind: "remove" }, step.from) : current;
        return edit(from, stepsOf(step.path), { kind: "add", value: moved }, step.path);
      }
    }
  }, value);
}
