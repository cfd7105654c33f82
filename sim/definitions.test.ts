import { expect, test } from "vitest";
import { kinds, namespacesOf } from "./resources/catalogue";
import { definitionOf, definitions, definitionsOf, isSensitive } from "./resources/definitions";

test("every kind that the simulator has is one of Talos, where Talos has it", () => {
  for (const kind of kinds) {
    const definition = definitions.find(({ type }) => type === kind.type);
    expect(definition, kind.type).toBeDefined();
    expect(definition?.since, kind.type).toBe(kind.since ?? "1.12.0");
    expect(namespacesOf("v1.14.0").has(kind.namespace), kind.type).toBe(true);
    expect(definition !== undefined && isSensitive(definition, "v1.14.0"), kind.type).toBe(kind.sensitive ?? false);
  }
});

test("the names of a type are those of its capitals, its singular and its suffix, and what it brings", () => {
  expect(definitionOf("machineconfigs.config.talos.dev", "v1.14.0")).toMatchObject({
    displayType: "MachineConfig",
    aliases: ["machineconfig", "mc", "mcs"],
    allAliases: [
      "machineconfigs",
      "machineconfigs.config",
      "machineconfigs.config.talos",
      "machineconfig",
      "mc",
      "mcs",
    ],
    sensitiveSince: "1.12.0",
  });
  expect(definitionOf("MountStatuses.runtime.talos.dev", "v1.14.0")?.allAliases).toEqual(["mounts"]);
  expect(definitionOf("AddressStatuses.net.talos.dev", "v1.14.0")?.columns).toEqual([
    { name: "Address", jsonPath: "{.address}" },
    { name: "Link", jsonPath: "{.linkName}" },
  ]);
});

test("a release has its own types", () => {
  expect(definitionOf("UnattendedInstallStatuses.runtime.talos.dev", "v1.13.9")).toBeUndefined();
  expect(definitionOf("UnattendedInstallStatuses.runtime.talos.dev", "v1.14.0")).toBeDefined();
  expect(definitionsOf("v1.12.11").length).toBeLessThan(definitionsOf("v1.13.9").length);
  expect(definitionsOf("v1.14.0").every(({ namespace }) => namespacesOf("v1.14.0").get(namespace) !== "")).toBe(true);
  expect(namespacesOf("v1.12.11").has("storage")).toBe(false);
});
