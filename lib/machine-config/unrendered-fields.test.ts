import { describe, expect, test } from "vitest";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";
import { unrenderedIssues } from "@/lib/machine-config/unrendered-fields";

const pathsOf = (yaml: string): string[] => unrenderedIssues(parseMachineConfig(yaml)).map(({ path }) => path);

test("a variable that was not filled in has its place and its name", () => {
  const config = `machine:
  kubelet:
    nodeIP:
      validSubnets:
        - \${NODE_SUBNET}
  network:
    interfaces:
      - interface: eth0
        vip:
          ip: \${CLUSTER_VIP}
`;
  expect(unrenderedIssues(parseMachineConfig(config))).toEqual([
    {
      severity: "error",
      path: "machine.kubelet.nodeIP.validSubnets.0",
      message: "A variable was not filled in (${NODE_SUBNET}).",
    },
    {
      severity: "error",
      path: "machine.network.interfaces.0.vip.ip",
      message: "A variable was not filled in (${CLUSTER_VIP}).",
    },
  ]);
});

describe("every other mark, wherever it stands", () => {
  test.each([
    ["machine:\n  token: op://vault/talos/token\n", "machine.token"],
    ["machine:\n  token: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\n", "machine.token"],
    ["machine:\n  install:\n    image: factory.talos.dev/installer/{{ id }}:v1.14.1\n", "machine.install.image"],
    ['cluster:\n  clusterName: "{{ name }}"\n', "cluster.clusterName"],
    ["cluster:\n  secret: ref+vault://talos#/secret\n", "cluster.secret"],
    ["cluster:\n  token: <path:talos/data#token>\n", "cluster.token"],
    ["machine:\n  nodeLabels:\n    ${KEY}: x\n", "machine.nodeLabels.${KEY}"],
    ["apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: ${HOST}\n", "HostnameConfig.hostname"],
    [
      "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: tailscale\nenvironment:\n  - TS_AUTHKEY=${TS_AUTHKEY}\n",
      "ExtensionServiceConfig/tailscale.environment.0",
    ],
    ["machine:\n  files:\n    - content: ${CONTENT}\n", "machine.files.0.content"],
    ["cluster:\n  inlineManifests:\n    - contents: ENC[AES256_GCM,data:a]\n", "cluster.inlineManifests.0.contents"],
    ["machine:\n  install:\n    extraKernelArgs:\n      - ip=${IP}\n", "machine.install.extraKernelArgs.0"],
    [
      "cluster:\n  apiServer:\n    extraArgs:\n      oidc-issuer-url: https://${DOMAIN}\n",
      "cluster.apiServer.extraArgs.oidc-issuer-url",
    ],
  ])("%s", (yaml, path) => {
    expect(pathsOf(yaml)).toEqual([path]);
  });
});

describe("texts for other programs keep their marks", () => {
  test.each([
    "machine:\n  files:\n    - content: |\n        [plugins]\n          x = '{{ .Name }}' # ${HOME}\n",
    "cluster:\n  inlineManifests:\n    - contents: |\n        kind: Pod\n        args: [$(NODE_IP), '{{ x }}', '<name>']\n",
    'machine:\n  udev:\n    rules:\n      - SUBSYSTEM=="drm", RUN+="/bin/sh -c \'echo ${DEVNAME} $env{ID}\'"\n',
    "machine:\n  pods:\n    - spec:\n        containers:\n          - args: [--ip, $(NODE_IP)]\n",
    "machine:\n  install:\n    extraKernelArgs:\n      - talos.config=https://x/y?uuid=${uuid}&m=${mac}\n",
    "cluster:\n  apiServer:\n    extraArgs:\n      advertise-address: $(HOST_IP)\n    env:\n      A: $(B)\n",
    'machine:\n  nodeAnnotations:\n    a: \'{"t": "{{ .x }}"}\'\n',
    'apiVersion: v1alpha1\nkind: UdevRulesConfig\nrules:\n  - RUN+="/bin/x ${A}"\n',
    "apiVersion: v1alpha1\nkind: KubeInlineManifestConfig\nname: a\nmanifest: |\n  a: ${B}\n",
    "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: a\nconfigFiles:\n  - content: |\n      a=${B}\n    mountPath: /x\n",
    "apiVersion: v1alpha1\nkind: CRICustomizationConfig\nname: a\ncontent: |\n  a = '{{ b }}'\n",
  ])("%s", (yaml) => {
    expect(pathsOf(yaml)).toEqual([]);
  });
});

describe("in a patch, where the field is no text", () => {
  const config = "version: v1alpha1\nmachine: {type: worker, certSANs: [a]}\ncluster: {}\n";
  test.each([
    ["machine: {kubelet: '${KUBELET}'}\n", "machine.kubelet: a variable was not filled in (${KUBELET})"],
    ["machine: {nodeLabels: '${LABELS}'}\n", "machine.nodeLabels: a variable was not filled in (${LABELS})"],
    ["machine: {certSANs: '${SANS}'}\n", "machine.certSANs: a variable was not filled in (${SANS})"],
    ["debug: '{{ debug }}'\n", "debug: a template was not rendered ({{ … }})"],
    [
      "machine: {network: {interfaces: [{interface: eth0, dhcp: '${DHCP}'}]}}\n",
      "machine.network.interfaces.0.dhcp: a variable was not filled in (${DHCP})",
    ],
    ["apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nmtu: ${MTU}\n", "mtu: a variable was not filled in (${MTU})"],
    [
      "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nup: op://vault/item/up\n",
      "up: a secret reference was not resolved (op://…)",
    ],
  ])("%s", (patch, sentence) => {
    expect(() => applyPatches(config, [patch], { contract: "1.14" })).toThrow(sentence);
  });
});
