import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import { applyPatches } from "@/lib/machine-config/patch";
import { validateConfigText } from "@/lib/machine-config/validate";
import { givenSchematic } from "@/lib/schematic/given";

/* A document that is one odd value, at each door: an answer or a refusal, never an error of Ichor's own. */

const config = "version: v1alpha1\nmachine: {type: worker, certSANs: [a]}\ncluster: {}\n";
const contract = "1.14";
const doors: Record<string, (text: string) => unknown> = {
  validate: (text) => validateConfigText(text, { contract }),
  "validate, as a second document": (text) => validateConfigText(`${config}---\n${text}`, { contract }),
  patch: (text) => applyPatches(config, [text], { contract }),
  "patch, as the config": (text) => applyPatches(text, ["machine: {token: a}\n"], { contract }),
  diff: (text) => diffMachineConfigs(config, text),
  "diff, in words": (text) => summariseDiff(text, config),
  schematic: (text) => givenSchematic(text),
};
const misfits = ["!!null x", "!!int abc", "!!float x", "!!bool maybe", "!!timestamp x", "!!binary '?'", "!!merge x"];
const odd = ["!!str 5", "!!set {a}", "!!omap [a: 1]", "!foo {a: 1}", "<<", "=", "&a b", "{<<: [1]}", "{__proto__: 1}"];
const members = misfits.flatMap((value) => [
  `a: ${value}`,
  `apiVersion: ${value}\nkind: ${value}\nname: ${value}`,
  `machine: ${value}`,
  `machine: {nodeLabels: {${value}: ${value}}}`,
  `machine: {kubelet: {extraConfig: {a: ${value}}}}`,
]);

describe.each(Object.entries(doors))("%s", (_, door) => {
  test.each([...misfits, ...odd, ...members])("%s", (value) => {
    try {
      door(`${value}\n`);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "invalid-input" });
    }
  });
});

test.each(misfits.slice(0, 4))(
  "a document of one value that does not fit its tag is named with its line: %s",
  (value) => {
    for (const door of Object.values(doors))
      expect(() => door(`${value}\n`)).toThrow(/does not fit its tag !!\w+ \(line \d+, column \d+\)/);
  },
);
