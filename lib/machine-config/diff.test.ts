import { beforeAll, describe, expect, test } from "vitest";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import { gapText } from "@/lib/machine-config/diff-lines";
import { generateMachineConfigText } from "@/lib/machine-config/generate";
import { applyPatches } from "@/lib/machine-config/patch";
import { redactMachineConfig } from "@/lib/machine-config/redact";
import { versionContracts } from "@/lib/machine-config/schema";
import { fromBase64, generateSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

let bundle: SecretsBundle;
let other: SecretsBundle;
beforeAll(async () => {
  [bundle, other] = (await Promise.all(
    [1, 2].map(() => generateSecretsBundle({ contract: "1.14", nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" })),
  )) as [SecretsBundle, SecretsBundle];
});

const cluster = { name: "c", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.36.3" };

/** Every secret of a bundle, as it is in the file and as PEM. */
function secretsOf({ cluster: { secret }, secrets, trustdinfo, certs }: SecretsBundle): string[] {
  const keys = [certs.os.key, certs.k8s.key, certs.etcd.key, certs.k8saggregator.key, certs.k8sserviceaccount.key];
  const lines = keys.flatMap((key) =>
    fromBase64(key)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("-----")),
  );
  return [secret, secrets.bootstraptoken, secrets.secretboxencryptionsecret ?? "", trustdinfo.token, ...keys, ...lines];
}

const extra = `machine:
  files: [{content: hidden-file, path: /var/a, permissions: 0o600, op: create}]
  env: {https_proxy: "http://user:hidden-password@proxy:3128"}
  registries: {config: {reg: {auth: {username: u, password: hidden-registry}}}}
  network: {interfaces: [{interface: wg0, wireguard: {privateKey: hidden-wireguard}}]}
cluster:
  inlineManifests: [{name: s, contents: "hidden-manifest"}]
---
apiVersion: v1alpha1
kind: SideroLinkConfig
apiUrl: https://omni/?jointoken=hidden-join
---
apiVersion: v1alpha1
kind: ExtensionServiceConfig
name: tailscale
environment: [TS_AUTHKEY=hidden-environment]
configFiles: [{content: hidden-config, mountPath: /x}]
---
apiVersion: v1alpha1
kind: VolumeConfig
name: STATE
encryption: {provider: luks2, keys: [{slot: 0, static: {passphrase: hidden-passphrase}}]}
`;

describe("redaction", () => {
  test.each(versionContracts)("no secret of the cluster is left at contract %s", (contract) => {
    const shown = redactMachineConfig(generateMachineConfigText({ bundle, cluster, role: "controlplane", contract }));
    for (const secret of secretsOf(bundle)) expect(shown).not.toContain(secret);
    expect(shown).toContain("******");
    expect(shown).toContain(contract === "1.14" ? "BEGIN CERTIFICATE" : bundle.certs.os.crt);
    expect(shown).toContain("https://10.0.0.1:6443");
  });

  test("nor what people add", () => {
    const shown = redactMachineConfig(
      applyPatches("version: v1alpha1\nmachine: {type: worker}\n", [extra], { contract: "1.13" }),
    );
    expect(shown).not.toContain("hidden");
    expect(shown).toContain("https://omni/?******");
    expect(shown).toContain("username: u");
  });

  test("nor what is in kernel arguments, static pods and containerd's settings", () => {
    const shown = redactMachineConfig(`machine:
  install:
    extraKernelArgs:
      - siderolink.api=grpc://omni.example?jointoken=hidden1
      - talos.config=https://me:hidden2@host/config
      - talos.config.oauth.client_secret=hidden3
      - talos.config.inline=hidden4
      - net.ifnames=0
  pods:
    - spec: {containers: [{name: db, env: [{name: DB_PASSWORD, value: hidden5}]}]}
---
apiVersion: v1alpha1
kind: KubeStaticPodConfig
name: db
pod: {spec: {initContainers: [{env: [{name: KEY, value: hidden6}]}]}}
---
apiVersion: v1alpha1
kind: CRICustomizationConfig
name: registries
content: password = "hidden7"
`);
    expect(shown).not.toContain("hidden");
    for (const kept of ["siderolink.api=grpc://omni.example?******", "net.ifnames=0", "DB_PASSWORD"])
      expect(shown).toContain(kept);
  });

  test("a long text takes no time", () => {
    const startMs = performance.now();
    expect(redactMachineConfig(`machine: {nodeAnnotations: {a: ${"a".repeat(500_000)}}}\n`)).toContain("aaa");
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});

describe("diff", () => {
  const config = () =>
    generateMachineConfigText({ bundle, cluster, role: "worker", contract: "1.13", node: { installDisk: "/dev/sda" } });

  test("nothing to say about the same config in another order", () => {
    const before = "machine:\n  type: worker\n  certSANs: [a]\nversion: v1alpha1\n";
    const after = "# comment\nversion: v1alpha1\nmachine: {certSANs: [a], type: worker}\n";
    expect(diffMachineConfigs(before, after)).toEqual([]);
    expect(summariseDiff(before, after)).toEqual([]);
  });

  test("lines with context, and sentences", () => {
    const patch =
      "machine: {sysctls: {vm.swappiness: '1'}, install: {disk: /dev/nvme0n1}}\n---\napiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\n";
    const after = applyPatches(config(), [patch], { contract: "1.13" });
    const lines = diffMachineConfigs(config(), after);
    expect(lines).toContainEqual({ kind: "remove", text: "        disk: /dev/sda" });
    expect(lines).toContainEqual({ kind: "add", text: "        disk: /dev/nvme0n1" });
    expect(lines).toContainEqual({ kind: "context", text: "    install:" });
    expect(lines[0]).toEqual({ kind: "context", text: gapText });
    expect(summariseDiff(config(), after)).toEqual([
      "Sets machine.install.disk to /dev/nvme0n1.",
      "Adds machine.sysctls.",
      "Adds the document LinkConfig/eth0.",
    ]);
  });

  test("a changed secret is said, and neither its old nor its new value", () => {
    const before = generateMachineConfigText({ bundle, cluster, role: "controlplane", contract: "1.14" });
    const after = generateMachineConfigText({ bundle: other, cluster, role: "controlplane", contract: "1.14" });
    const shown = JSON.stringify([diffMachineConfigs(before, after), summariseDiff(before, after)]);
    for (const secret of [...secretsOf(bundle), ...secretsOf(other)]) expect(shown).not.toContain(secret);
    expect(summariseDiff(before, after)).toContain("Changes the secret machine.token.");
    expect(shown).toContain("****** (changed)");
  });

  test("a secret that is the same stays a context line", () => {
    const after = applyPatches(config(), ["machine: {nodeLabels: {a: b}}"], { contract: "1.13" });
    expect(diffMachineConfigs(config(), after).filter((line) => line.kind !== "context")).toEqual([
      { kind: "add", text: "    nodeLabels:" },
      { kind: "add", text: "        a: b" },
    ]);
  });
});
