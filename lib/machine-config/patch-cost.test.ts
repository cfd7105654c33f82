import { expect, test } from "vitest";
import { applyPatches } from "@/lib/machine-config/patch";

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("");
const labels = (count: number) => `machine:\n  nodeLabels:\n${lines(count, (at) => `    k${at}: a\n`)}`;
const interfaces = (count: number, more = "") =>
  `machine:\n  network:\n    interfaces:\n${lines(count, (at) => `      - {interface: eth${at}${more}}\n`)}`;
const selectors = (count: number) =>
  `machine:\n  network:\n    interfaces:\n${lines(count, (at) => `      - {deviceSelector: {driver: d${at}}}\n`)}`;
const modules = (count: number, more = "") =>
  lines(count, (at) => `---\napiVersion: v1alpha1\nkind: KernelModuleConfig\nname: m${at}\n${more}`);
const rules = (count: number, skip: boolean) =>
  `apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules:\n${lines(count, (at) => `  - {image: i${at}, skip: ${skip}}\n`)}`;
const steps = (count: number, step: (at: number) => string) =>
  `[${Array.from({ length: count }, (_, at) => step(at)).join()}]`;

/** Config and patch, each with about so many parts, of which each could look through all others. */
const forms: Record<string, (count: number) => [config: string, patch: string]> = {
  "elements with a key": (count) => [interfaces(count), interfaces(count, ", mtu: 1400")],
  "elements with a selector": (count) => [selectors(count), selectors(count)],
  "whole elements with a key": (count) => [rules(count, true), rules(count, false)],
  documents: (count) => [modules(count), modules(count, "parameters: [a=b]\n")],
  "deleted documents": (count) => [`${labels(1)}${modules(count)}`, modules(count, "$patch: delete\n")],
  "deleted members": (count) => [labels(count), labels(count).replaceAll(": a\n", ": {$patch: delete}\n")],
  "deleted elements": (count) => [interfaces(count), interfaces(count, ", $patch: delete")],
  "one member in each of many documents": (count) => [
    labels(count),
    lines(count, (at) => `---\nmachine: {nodeLabels: {n${at}: b}}\n`),
  ],
  "JSON: members added": (count) => [
    labels(count),
    steps(count, (at) => `{"op":"add","path":"/machine/nodeLabels/n${at}","value":"b"}`),
  ],
  "JSON: members removed": (count) => [
    labels(count),
    steps(count, (at) => `{"op":"remove","path":"/machine/nodeLabels/k${at}"}`),
  ],
  "JSON: tests": (count) => [
    labels(count),
    steps(count, (at) => `{"op":"test","path":"/machine/nodeLabels/k${at}","value":"a"}`),
  ],
  "JSON: elements replaced": (count) => [
    interfaces(count),
    steps(count, (at) => `{"op":"replace","path":"/machine/network/interfaces/${at}/interface","value":"x${at}"}`),
  ],
};

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What eight times the parts may cost, in times: linear is 8, the square 64. */
const mostGrowth = 22;

test.each(Object.entries(forms))(
  "%s: eight times as many cost about eight times as much",
  { timeout: 120_000 },
  (_, make) => {
    const [small, large] = [make(300), make(2_400)];
    const cost = ([config, patch]: [string, string]) =>
      cpuMs(() => applyPatches(config, [patch], { contract: "1.14" }));
    cost(small);
    let [least, most] = [cost(small), cost(large)];
    // A busy machine may make one try cost more than it does; the least of some is what it costs.
    for (let tries = 0; tries < 3 && most > mostGrowth * least; tries += 1)
      [least, most] = [Math.max(1, Math.min(least, cost(small))), Math.min(most, cost(large))];
    expect(most).toBeLessThan(mostGrowth * least);
  },
);

test("copies of copies end at a bound", () => {
  const doubling = steps(60, (at) => `{"op":"copy","from":"/machine","path":"/machine/c${at}"}`);
  expect(() => applyPatches(labels(10), [doubling], { contract: "1.14" })).toThrow(
    "The JSON patch copies more than 200,000 values.",
  );
});
