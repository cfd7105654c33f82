import { expect, test } from "vitest";
import { z } from "zod";
import { planTask, readContext, shownTask } from "@/lib/inventory/tasks";
import { parseKubeconfig } from "@/lib/kubernetes/kubeconfig";
import { diffTask, patchTask, previewTask, readBundle, validateTask } from "@/lib/machine-config/tasks";
import { previewTask as previewSchematic, readGiven } from "@/lib/schematic/tasks";
import { operations } from "./operations";

const base = "version: v1alpha1\nmachine:\n  type: worker\n";
const plan = (text: string) => planTask.run({ before: base, patches: [text], talosVersion: "v1.14.1", platform: null });

/** Where a text of a person is parsed, by the name of its task. */
const parsers: Record<string, (text: string) => unknown> = {
  [previewSchematic.name]: (text) => previewSchematic.run(text),
  [readGiven.name]: (text) => readGiven.run(text),
  [diffTask.name]: (text) => diffTask.run({ before: text.replaceAll("1", "2").replaceAll("k", "l"), after: text }),
  [patchTask.name]: (text) => patchTask.run({ config: base, patches: [text], contract: "1.14" }),
  [validateTask.name]: (text) => validateTask.run({ config: text, contract: "1.14", mode: "metal" }),
  [readBundle.name]: (text) => readBundle.run(text),
  [readContext.name]: (text) => readContext.run({ text, name: undefined }),
  [planTask.name]: (text) => shownTask.run(plan(text)),
  kubeconfig: (text) => parseKubeconfig(text),
};

/** Operations that take a text of some length, and the tasks that parse it in a thread. All others take short values, which a budget bounds. */
const doors: Record<string, readonly string[]> = {
  "schematic.preview": [previewSchematic.name],
  "schematic.register": [readGiven.name],
  "machine-config.diff": [diffTask.name],
  "machine-config.patch": [patchTask.name],
  "machine-config.preview": [readBundle.name, patchTask.name],
  "machine-config.validate": [validateTask.name],
  "talosconfig.import": [readContext.name],
  "cluster.import-secrets": [readBundle.name],
  "node.preview-config": [planTask.name],
  "node.dry-run-config": [planTask.name],
  "node.apply-config": [planTask.name],
  "machine.preview-adoption": [planTask.name],
  "machine.adopt": [planTask.name],
};

/** Texts that are compared or decoded as bytes, in one pass, and of no language. */
const opaque: Record<string, string> = {
  "backup.restore": "a passphrase or an age identity, of 5,000 characters at most",
  "factor.add-passkey": "what an authenticator signed, of 20,000 characters at most",
  "session.prove": "what an authenticator signed, of 20,000 characters at most",
};

const shortText = 4_096;
/** Names of things are compared with those that there are, and nothing else is done with them. */
const isNameOfThing = (key: string): boolean => /(?:id|ids|name|names|current|password|token)$/i.test(key);

/** Does a JSON schema let a long text in: one with a high limit, or with none that is no name of a thing? */
function takesLongText(schema: unknown, key = ""): boolean {
  if (Array.isArray(schema)) return schema.some((part) => takesLongText(part, key));
  if (typeof schema !== "object" || schema === null) return false;
  const { type, maxLength, pattern, format, properties, ...rest } = schema as Record<string, unknown>;
  if (type === "string" && !("enum" in rest) && !("const" in rest)) {
    if (typeof maxLength === "number") return maxLength > shortText;
    return pattern === undefined && format === undefined && !isNameOfThing(key);
  }
  const members = Object.entries((properties ?? {}) as Record<string, unknown>);
  if (members.some(([name, member]) => takesLongText(member, name))) return true;
  return ["items", "anyOf", "oneOf", "allOf", "prefixItems"].some((part) => takesLongText(rest[part], key));
}

test("every operation that takes a long text says what parses it; a new one needs a row", () => {
  const found = operations.filter(({ input }) =>
    takesLongText(z.toJSONSchema(input, { io: "input", unrepresentable: "any" })),
  );
  expect(found.map(({ name }) => name).sort()).toEqual([...Object.keys(doors), ...Object.keys(opaque)].sort());
  for (const name of Object.values(doors).flat()) expect(Object.keys(parsers)).toContain(name);
  expect(previewTask.name).toBe("machine-config.preview");
});

test("every operation that computes on long texts has a quota, where it changes nothing", () => {
  const without = operations.filter(
    ({ name, kind, cost }) => name in doors && kind === "compute" && cost === undefined,
  );
  expect(without.map(({ name }) => name)).toEqual([]);
});

const fill = (bytes: number, line: (index: number) => string, head = "", tail = ""): string => {
  const lines: string[] = [];
  for (let [index, size] = [0, head.length + tail.length]; size < bytes; index += 1) {
    const next = line(index);
    size += next.length;
    lines.push(next);
  }
  return head + lines.join("") + tail;
};

const forms: Record<string, (bytes: number) => string> = {
  "many keys": (bytes) => fill(bytes, (at) => `k${at}: 1\n`),
  "keys that begin alike": (bytes) => fill(bytes, (at) => `${"k".repeat(40)}${at}: 1\n`),
  "a flow mapping": (bytes) => fill(bytes, (at) => `k${at}: 1,`, "machine: {", "}"),
  "deep lists": (bytes) => fill(bytes, () => `- ${"[".repeat(90)}${"]".repeat(90)}\n`),
  "brackets that close nothing": (bytes) => "]".repeat(bytes),
  "anchors and aliases": (bytes) => fill(bytes, (at) => `- &a${at} 1\n- *a${at}\n`),
  "merge keys": (bytes) => fill(bytes, () => "- {<<: *a}\n", "- &a {k: 1}\n"),
  comments: (bytes) => fill(bytes, (at) => `# note\nk${at}: 1\n`),
  "a long line": (bytes) => `k: ${"1 ".repeat(bytes / 2)}\n`,
  "escapes in quotes": (bytes) => `k: "${"\\n1".repeat(bytes / 3)}"\n`,
  "a block text": (bytes) => fill(bytes, (at) => `  k${at}\n`, "k: |\n"),
  "many documents": (bytes) =>
    fill(bytes, (at) => `---\napiVersion: v1alpha1\nkind: KernelModuleConfig\nname: k${at}\n`, base),
  "many sysctls": (bytes) => fill(bytes, (at) => `    k.a${at}: "1"\n`, `${base}  sysctls:\n`),
  "many overlay options": (bytes) => fill(bytes, (at) => `    k${at}: 1\n`, "overlay:\n  name: k\n  options:\n"),
  "many contexts": (bytes) => fill(bytes, (at) => `  k${at}: {endpoints: [10.0.0.1]}\n`, "context: k1\ncontexts:\n"),
};

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  try {
    work();
  } catch {
    // A refusal costs as well.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const smallest = 6 * 1024;
/** What eight times the text may cost, in times: linear is 8, the square 64. Less than `noiseMs` tells nothing. */
const mostGrowth = 26;
const noiseMs = 30;

test.each(Object.keys(parsers))(
  "%s: eight times the text costs about eight times as much",
  { timeout: 600_000 },
  (name) => {
    const parse = parsers[name];
    if (!parse) throw new Error(name);
    const steep: string[] = [];
    for (const [form, make] of Object.entries(forms)) {
      const costs = [1, 2, 4, 8].map((times) => {
        const text = make(smallest * times);
        return { text, ms: cpuMs(() => parse(text)) };
      });
      const growth = (): number => (costs[3]?.ms ?? 0) / Math.max(costs[0]?.ms ?? 0, 2);
      // A busy machine may make one try cost more than it does; the least of some is what it costs.
      for (let tries = 0; tries < 4 && growth() > mostGrowth && (costs[3]?.ms ?? 0) > noiseMs; tries += 1)
        for (const cost of costs)
          cost.ms = Math.min(
            cost.ms,
            cpuMs(() => parse(cost.text)),
          );
      if (growth() > mostGrowth && (costs[3]?.ms ?? 0) > noiseMs)
        steep.push(`${form}: ${costs.map(({ ms }) => `${Math.round(ms)} ms`).join(", ")}`);
    }
    expect(steep).toEqual([]);
  },
);
