import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import { applyPatches } from "@/lib/machine-config/patch";
import { generateAuthority } from "@/lib/machine-config/pki";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import { profilePatch } from "@/lib/machine-config/profile-patch";
import { parseTalosconfig } from "@/lib/talos/talosconfig";

const nowMs = Date.now();
const ttlMs = 3_600_000;
let ca: CertificatePair;
beforeAll(async () => {
  ca = await generateAuthority({ kind: "ed25519", organization: "talos", nowMs });
});

describe("talosconfig", () => {
  test("is accepted by the client's own reader, with the roles and the end of validity", async () => {
    const text = await mintTalosconfig({
      authority: { ca },
      clusterName: "lab",
      endpoints: ["10.0.0.1"],
      nodes: ["10.0.0.2"],
      roles: ["os:admin"],
      ttlMs,
      nowMs,
    });
    const { context, contexts } = parseTalosconfig(text, nowMs);
    expect(context).toBe("lab");
    expect(contexts[0]).toMatchObject({ name: "lab", endpoints: ["10.0.0.1"], nodes: ["10.0.0.2"] });
    const certificate = new X509Certificate(contexts[0]?.credentials.certPem ?? "");
    expect(certificate.subject).toBe("O=os:admin");
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  });

  test("a single lesser role names the context", async () => {
    const text = await mintTalosconfig({
      authority: { ca },
      clusterName: "lab",
      endpoints: [],
      roles: ["os:reader"],
      ttlMs,
      nowMs,
    });
    expect(text).toMatch(/^context: reader@lab\n/);
    expect(text).toContain("endpoints: []");
  });

  test("unknown roles and the nodes' own are refused", async () => {
    for (const role of ["os:root", "os:impersonator"]) {
      await expect(
        mintTalosconfig({ authority: { ca }, clusterName: "lab", endpoints: [], roles: [role], ttlMs, nowMs }),
      ).rejects.toThrow(role);
    }
  });
});

describe("profile patch", () => {
  const profile = {
    kernelModules: [{ name: "nvidia", parameters: ["NVreg_X=1"] }, { name: "nvidia_uvm" }],
    sysctls: { "net.core.bpf_jit_harden": "1" },
  };

  test("is a part of machine until 1.13", () => {
    expect(profilePatch({ ...profile, contract: "1.13" })).toBe(
      'machine:\n    sysctls:\n        net.core.bpf_jit_harden: "1"\n    kernel:\n        modules:\n            - name: nvidia\n              parameters:\n                - NVreg_X=1\n            - name: nvidia_uvm\n',
    );
  });

  test("is documents from 1.14 on, and applies", () => {
    const patch = profilePatch({ ...profile, contract: "1.14" });
    expect(patch).toBe(
      'apiVersion: v1alpha1\nkind: KernelModuleConfig\nname: nvidia\nparameters:\n    - NVreg_X=1\n---\napiVersion: v1alpha1\nkind: KernelModuleConfig\nname: nvidia_uvm\n---\napiVersion: v1alpha1\nkind: SysctlConfig\nparams:\n    net.core.bpf_jit_harden: "1"\n',
    );
    expect(applyPatches("version: v1alpha1\nmachine: {}\n", [patch ?? ""], { contract: "1.14" })).toContain(
      "kind: SysctlConfig",
    );
  });

  test("is nothing for a profile without either", () => {
    expect(profilePatch({ kernelModules: [], sysctls: {}, contract: "1.14" })).toBeNull();
  });
});
