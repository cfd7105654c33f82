import { expect, test } from "vitest";
import type { z } from "zod";
import { proveRole } from "@/lib/auth/ctx";
import {
  checkMachineConfig,
  compareMachineConfigs,
  generateSecrets,
  patchMachineConfig,
  previewMachineConfig,
} from "@/lib/machine-config/operations";

const ctx = proveRole({ kind: "user", id: "user_1", name: "Ada", role: "admin" }, "admin");

test("secrets, a config from them with patches, its check and its diff", { timeout: 180_000 }, async () => {
  const { bundle } = await generateSecrets.run(ctx, { contract: "1.14" });
  const input: z.input<typeof previewMachineConfig.input> = {
    secrets: bundle,
    cluster: { name: "lab", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "v1.36.3" },
    role: "worker",
    contract: "1.14",
    node: { hostname: "gpu-1", installDisk: "/dev/sda", installImage: "factory.talos.dev/metal-installer/a:v1.14.1" },
    patches: ["apiVersion: v1alpha1\nkind: KernelModuleConfig\nname: nvidia\n"],
  };
  const { config, documents, issues } = await previewMachineConfig.run(ctx, previewMachineConfig.input.parse(input));
  expect(issues).toEqual([]);
  expect(documents[0]).toBe("v1alpha1");
  expect(documents.at(-1)).toBe("KernelModuleConfig/nvidia");

  const patches = ["apiVersion: v1alpha1\nkind: SysctlConfig\nparams: {vm.swappiness: '1'}\n"];
  const patched = await patchMachineConfig.run(ctx, { config, patches, contract: "1.14" });
  expect(patched.summary).toEqual(["Adds the document SysctlConfig."]);
  expect(await checkMachineConfig.run(ctx, { config: patched.config, contract: "1.14", mode: "metal" })).toMatchObject({
    valid: true,
    issues: [],
    checkedBy: { fields: "1.14.1", mode: "metal" },
  });
  expect((await checkMachineConfig.run(ctx, { config: patched.config, contract: "1.13", mode: "metal" })).valid).toBe(
    false,
  );
  const { lines } = await compareMachineConfigs.run(ctx, { before: config, after: patched.config });
  expect(lines.filter((line) => line.kind === "add").map((line) => line.text)).toContain("kind: SysctlConfig");
});

test("who may do it: secrets are for admins, and nothing is for viewers", () => {
  expect([generateSecrets, previewMachineConfig].map((operation) => operation.role)).toEqual(["admin", "admin"]);
  expect([patchMachineConfig, checkMachineConfig, compareMachineConfigs].map((operation) => operation.role)).toEqual(
    Array(3).fill("operator"),
  );
});

test("the first patch that does not fit is named", async () => {
  const patches = ["machine: {type: worker}", "machine: {type: [1]}"];
  await expect(
    patchMachineConfig.run(ctx, { config: "machine: {}\n", patches, contract: "1.13" }),
  ).rejects.toMatchObject({
    code: "invalid-input",
    message: expect.stringContaining("Patch 2: ") as string,
    fields: { "patches.1": expect.any(String) as string },
  });
});
