import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operations } from "@/lib/api/operations";
import { reads } from "@/lib/api/reads";
import { parseWhole } from "./parse-whole";
import { unknownMembers } from "./unknown-members";

const policy = z.object({
  soakMs: z.number().default(5),
  drain: z.object({ timeoutMs: z.number() }).partial().optional(),
});
const schema = z.object({
  nodeIds: z.array(z.string()).min(1),
  policy: policy.prefault({}),
  labels: z.record(z.string(), z.object({ value: z.string() })).optional(),
  disk: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("path"), path: z.string() }),
      z.object({ kind: z.literal("match"), match: z.object({ model: z.string() }) }),
    ])
    .nullish(),
  either: z.union([z.string(), z.object({ name: z.string() }), z.array(z.object({ id: z.string() }))]).optional(),
  open: z.object({ name: z.string() }).meta({ additionalProperties: true }).optional(),
  more: z.looseObject({ name: z.string() }).optional(),
  both: z.intersection(z.object({ one: z.number() }), z.object({ two: z.number() })).optional(),
  any: z.unknown().optional(),
  trimmed: z.string().trim().pipe(z.string().min(1)).optional(),
});
const good = {
  nodeIds: ["a"],
  policy: { soakMs: 1, drain: { timeoutMs: 2 } },
  labels: { "any/key": { value: "x" } },
  disk: { kind: "match", match: { model: "x" } },
  either: [{ id: "x" }],
  open: { name: "x", other: 1 },
  more: { name: "x", other: 1 },
  both: { one: 1, two: 2 },
  any: { deep: { er: 1 } },
  trimmed: " x ",
};

describe("members that a schema does not know", () => {
  test("what it knows is no surprise, at any depth", () => {
    expect([...unknownMembers(schema, good)]).toEqual([]);
    expect(parseWhole(schema, good)).toMatchObject({ ok: true, value: { trimmed: "x" } });
    for (const either of ["x", { name: "x" }]) expect([...unknownMembers(schema, { ...good, either })]).toEqual([]);
    expect([...unknownMembers(schema, { ...good, disk: null })]).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["polciy", { polciy: {} }],
    ["policy.soakMS", { policy: { soakMS: 1 } }],
    ["policy.drain.timeoutms", { policy: { drain: { timeoutms: 1 } } }],
    ["labels.a.valeu", { labels: { a: { value: "x", valeu: "y" } } }],
    ["disk.path", { disk: { kind: "match", match: { model: "x" }, path: "/dev/sda" } }],
    ["disk.match.modle", { disk: { kind: "match", match: { model: "x", modle: "y" } } }],
    ["either.title", { either: { name: "x", title: "y" } }],
    ["either.0.name", { either: [{ id: "x", name: "y" }] }],
    ["both.three", { both: { one: 1, two: 2, three: 3 } }],
    ["__proto__", JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>],
    ["constructor", { constructor: 1 }],
  ])("%s is told, not dropped", (path, more) => {
    const input: unknown = Object.fromEntries([...Object.entries(good), ...Object.entries(more)]);
    expect([...unknownMembers(schema, input).keys()]).toEqual([path]);
    const parsed = parseWhole(schema, input);
    expect(parsed.ok ? {} : Object.entries(parsed.fields)).toEqual([[path, expect.stringMatching(/known/i)]]);
  });

  test("it is told together with what else is wrong, and no more than 50 times", () => {
    expect(parseWhole(schema, { nodeId: "a" })).toMatchObject({
      ok: false,
      fields: { nodeIds: expect.any(String), nodeId: expect.stringContaining("nodeIds") },
    });
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x${index}`, 1]));
    const parsed = parseWhole(schema, { ...good, ...many });
    expect(parsed.ok ? 0 : Object.keys(parsed.fields).length).toBe(50);
  });

  test.each([
    ...operations.map(({ name, input }) => [name, input] as const),
    ...reads.map(({ name, query }) => [`${name}.list`, query] as const),
  ])("%s refuses a member that it does not know", (_name, known) => {
    expect([...unknownMembers(known, { "no-such-member": 1 }).keys()]).toEqual(["no-such-member"]);
  });
});
