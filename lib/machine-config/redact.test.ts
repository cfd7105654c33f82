import { describe, expect, test } from "vitest";
import { planConfig, shownPlan } from "@/lib/inventory/config-plan";
import { parseMachineConfig } from "./documents";
import { redactMachineConfig, withoutCredentials } from "./redact";
import { redactText } from "./redact-text";

const token = "abcdef.0123456789abcdef";
const clusterSecret = "Y2x1c3RlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcw==";
const config = `version: v1alpha1
machine:
  type: worker
  token: ${token}
  network: {hostname: gpu-1}
  env: {FLAG: "true"}
  registries:
    config:
      registry.example: {auth: {username: robot, password: short}}
  kubelet:
    extraArgs: {feature: "true"}
cluster:
  secret: ${clusterSecret}
  controlPlane: {endpoint: "https://10.0.0.1:6443"}
`;

describe("a secret that a patch copies out of its place", () => {
  test.each([
    ["/machine/token", "/machine/network/hostname", token],
    ["/machine/registries/config/registry.example/auth/password", "/machine/network/hostname", "short"],
    ["/cluster/secret", "/machine/nodeLabels", clusterSecret],
    ["/machine/token", "/kind", token],
  ])("%s to %s is not shown", (from, path, secret) => {
    const plan = planConfig(config, [JSON.stringify([{ op: "copy", from, path }])], "v1.11.0");
    expect(plan.after.split(secret)).toHaveLength(3);
    expect(JSON.stringify(shownPlan(plan))).not.toContain(secret);
    const said = `+    hostname: ${secret}\n-    hostname: "${secret}"`;
    expect(redactText(said, [plan.before, plan.after])).not.toContain(secret);
  });

  test("what only happens to be the same short word stays readable", () => {
    const patch = "machine: {kubelet: {extraArgs: {other: 'true'}}}";
    expect(shownPlan(planConfig(config, [patch], "v1.11.0")).summary).toEqual([
      "Sets machine.kubelet.extraArgs.other to true.",
    ]);
  });

  test("an address that a patch bends keeps its query to itself", () => {
    const document =
      "apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: https://omni.example/?jointoken=join-secret\n";
    const bent = "apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: /a b\n";
    const plan = planConfig(`${config}---\n${document}`, [bent], "v1.13.0");
    expect(plan.after).toContain("/a b?jointoken=join-secret");
    expect(JSON.stringify(shownPlan(plan))).not.toContain("join-secret");
  });
});

test.each([
  [
    "containerd's configuration",
    "apiVersion: v1alpha1\nkind: CRICustomizationConfig\nname: x\ncontent: 'password = \"hidden\"'",
  ],
  ["a static pod", "machine: {pods: [{spec: {containers: [{env: [{name: PASS, value: hidden}]}]}}]}"],
  [
    "a static pod's document",
    "apiVersion: v1alpha1\nkind: KubeStaticPodConfig\nname: p\npod: {spec: {containers: [{env: [{name: A, value: hidden}]}]}}",
  ],
  [
    "a credential provider",
    "machine: {kubelet: {credentialProviderConfig: {providers: [{env: [{name: AWS_KEY, value: hidden}]}]}}}",
  ],
  [
    "a kernel argument",
    "machine: {install: {extraKernelArgs: ['siderolink.api=https://omni.example/?jointoken=hidden']}}",
  ],
  ["a proxy", "machine: {install: {extraKernelArgs: ['talos.proxy=http://me:hidden@proxy:3128']}}"],
])("%s loses its secret", (_what, yaml) => {
  const shown = redactMachineConfig(yaml);
  expect(shown).not.toContain("hidden");
  expect(parseMachineConfig(shown)).toHaveLength(1);
});

test("addresses without credentials stay as they are", () => {
  for (const text of [
    "https://10.0.0.1:6443",
    "https://a.example/x?",
    "tcp://10.0.0.5:514/#tag",
    "registry.example/image:v1",
  ])
    expect(withoutCredentials(text)).toBe(text);
});

test.each([" ", "a", "a:", "a://", "key-", "- ", "?"])("a long line of %o does not hold the server up", (piece) => {
  const begunMs = performance.now();
  redactText(`${piece.repeat(30_000)}x`, [config]);
  withoutCredentials(`https://${piece.repeat(30_000)}`);
  // In proportion it takes a few milliseconds; by the square of its length it took minutes.
  expect(performance.now() - begunMs).toBeLessThan(2_000);
});
