import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { isYamlMap } from "@/lib/machine-config/documents";
import type { JsonPatchOperation } from "@/lib/machine-config/patch-json";

/** A document while operations change it, in place: each costs what it changes, not what there is. */
type Scalar = Exclude<YamlValue, object> | null;
type Json = Scalar | Json[] | Map<string, Json>;

const isObject = (value: Json | undefined): value is Map<string, Json> => value instanceof Map;

function jsonOf(value: YamlValue | undefined): Json {
  if (isYamlSequence(value)) return value.map(jsonOf);
  if (!isYamlMap(value)) return value ?? null;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return new Map(members.map(([key, member]) => [key, jsonOf(member)]));
}

function valueOf(json: Json): YamlValue {
  if (Array.isArray(json)) return json.map(valueOf);
  return isObject(json) ? Object.fromEntries([...json].map(([key, member]) => [key, valueOf(member)])) : json;
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

function indexOf(items: readonly Json[], step: string, path: string, insert: boolean): number {
  if (insert && step === "-") return items.length;
  if (!/^[-+]?\d+$/.test(step)) throw missing(path);
  const given = Number(step);
  // evanphx/json-patch counts negative indexes from the end.
  const index = given < 0 ? items.length + given + (insert ? 1 : 0) : given;
  if (index < 0 || index > items.length - (insert ? 0 : 1)) throw missing(path);
  return index;
}

/** undefined where the last step of an object is missing. @throws AppError where one before it is, or a list has no such place. */
function read(root: Json, path: string): Json | undefined {
  const steps = stepsOf(path);
  return steps.reduce<Json | undefined>((current, step, index) => {
    if (Array.isArray(current)) return current[indexOf(current, step, path, false)];
    if (!isObject(current)) throw missing(path);
    const found = current.get(step);
    if (found === undefined && index < steps.length - 1) throw missing(path);
    return found;
  }, root);
}

type Edit = { kind: "add" | "replace"; value: Json } | { kind: "remove" };

/** Changes the document, and gives it back: another one where the whole of it is replaced. */
function edit(root: Json, path: string, change: Edit): Json {
  const steps = stepsOf(path);
  const last = steps.pop();
  if (last === undefined) {
    // The whole document can only be replaced, and only by an object or a list.
    if (change.kind !== "replace" || typeof change.value !== "object") throw missing(path);
    return change.value;
  }
  const parent = steps.reduce((current, step) => {
    const next = Array.isArray(current)
      ? current[indexOf(current, step, path, false)]
      : isObject(current)
        ? current.get(step)
        : undefined;
    if (next === undefined) throw missing(path);
    return next;
  }, root);
  if (Array.isArray(parent)) {
    const index = indexOf(parent, last, path, change.kind === "add");
    if (change.kind === "remove") parent.splice(index, 1);
    else parent.splice(index, change.kind === "replace" ? 1 : 0, change.value);
    return root;
  }
  if (!isObject(parent)) throw missing(path);
  // Replacing what is not there adds it, as evanphx/json-patch 5 does for objects (`partialDoc.get` finds nothing wrong).
  if (change.kind !== "remove") parent.set(last, change.value);
  else if (!parent.delete(last)) throw missing(path);
  return root;
}

const scalarText = (value: Scalar): string => JSON.stringify(typeof value === "bigint" ? String(value) : value);

function isSame(left: Json, right: Json): boolean {
  if (Array.isArray(left))
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, at) => isSame(item, right[at] ?? null))
    );
  if (!isObject(left)) return !Array.isArray(right) && !isObject(right) && scalarText(left) === scalarText(right);
  if (!isObject(right) || left.size !== right.size) return false;
  for (const [key, member] of right) {
    const other = left.get(key);
    if (other === undefined || !isSame(other, member)) return false;
  }
  return true;
}

/** What one patch may copy within a config, in values: copies of copies double each time. */
const mostCopied = 200_000;

/** Copies values, up to so many in all. */
function copier(): (json: Json) => Json {
  let left = mostCopied;
  const copy = (json: Json): Json => {
    if (--left < 0)
      throw new AppError(
        "invalid-input",
        `The JSON patch copies more than ${mostCopied.toLocaleString("en")} values.`,
        {
          hint: "Send less in one patch.",
        },
      );
    if (Array.isArray(json)) return json.map(copy);
    return isObject(json) ? new Map([...json].map(([key, member]) => [key, copy(member)])) : json;
  };
  return copy;
}

/**
 * Applies JSON Patch (RFC 6902) operations in order.
 *
 * @throws AppError `invalid-input` when a path is missing, a test fails or too much is copied; values are never quoted.
 */
export function applyJsonPatch(value: YamlValue, operations: readonly JsonPatchOperation[]): YamlValue {
  let root = jsonOf(value);
  const copy = copier();
  for (const step of operations) {
    switch (step.op) {
      case "add":
      case "replace":
        root = edit(root, step.path, { kind: step.op, value: jsonOf(step.value) });
        break;
      case "remove":
        root = edit(root, step.path, { kind: "remove" });
        break;
      case "test":
        if (isSame(read(root, step.path) ?? null, jsonOf(step.value))) break;
        throw new AppError(
          "invalid-input",
          `The JSON patch's test at ${step.path} fails: the config has another value.`,
        );
      case "move":
      case "copy": {
        const found = read(root, step.from);
        if (found === undefined && step.op === "move") throw missing(step.from);
        if (step.op === "move") root = edit(root, step.from, { kind: "remove" });
        // Upstream copies what is not there as null, which says nothing.
        root = edit(root, step.path, {
          kind: "add",
          value: step.op === "move" ? (found ?? null) : copy(found ?? null),
        });
      }
    }
  }
  return valueOf(root);
}
