import { expect, test } from "vitest";
import { configRefusal } from "@/lib/machine-config/refusal";

const valid = "machine: {type: worker, token: a, ca: {crt: YQ==}}\ncluster: {}\n";
const options = { contract: "1.14", release: "1.14.1" } as const;

test("a config that Talos takes is not refused", () => {
  expect(configRefusal(valid, options)).toBeNull();
});

test("all errors are in the text, each with its place", () => {
  const refusal = configRefusal(`${valid}install: {disk: /dev/sda}\npersist: false\n`, options);
  expect(refusal).toBe(
    "2 errors occurred:\n\t* install: Talos knows no such field here; it belongs under machine.\n\t* persist: Talos refuses configs that are not persisted.\n\n",
  );
});

test("text that is no YAML", () => {
  expect(configRefusal("machine: [", options)).toMatch(/^1 error occurred:\n\t\* The machine config cannot be read/);
});
