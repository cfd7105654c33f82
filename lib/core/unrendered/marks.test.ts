import { describe, expect, test } from "vitest";
import { isMarkAlone, markWords, unrenderedMark, type UnrenderedKind } from "@/lib/core/unrendered/marks";

const found: [text: string, kind: UnrenderedKind, mark: string][] = [
  ["${NODE_SUBNET}", "variable", "${NODE_SUBNET}"],
  ["10.0.0.${octet}/24", "variable", "${octet}"],
  ["${PASSWORD:-hunter2}", "variable", "${PASSWORD}"],
  ["${PASSWORD:=hunter2}", "variable", "${PASSWORD}"],
  ["${TOKEN?must be set}", "variable", "${TOKEN}"],
  ["${var.cluster_name}", "variable", "${var.cluster_name}"],
  ["${local.nodes[0]}", "variable", "${local.nodes[0]}"],
  ['${jsonencode("secret")}', "variable", "${…}"],
  ["$${ESCAPED}", "variable", "${ESCAPED}"],
  ["$(CLUSTER_VIP)", "variable", "$(CLUSTER_VIP)"],
  ["$(op read op://x/y/z)", "reference", "op://…"],
  ["$(cat secret)", "variable", "$(…)"],
  ["https://$CLUSTER_VIP:6443", "variable", "$CLUSTER_VIP"],
  ["$HOSTNAME", "variable", "$HOSTNAME"],
  ["%CLUSTER_VIP%", "variable", "%CLUSTER_VIP%"],
  ["@@NODE_IP@@", "variable", "@@NODE_IP@@"],
  ["__NODE_IP__", "variable", "__NODE_IP__"],
  ["{{ .Node.IP }}", "template", "{{ … }}"],
  ["{{ op://vault/item/field }}", "template", "{{ … }}"],
  ["ghcr.io/x:{{ENV.VERSION}}", "template", "{{ … }}"],
  ["{% if x %}a{% endif %}", "template", "{% … %}"],
  ["a{# note #}", "template", "{# … #}"],
  ["<%= ip %>", "template", "<% … %>"],
  ["%{ if x }a%{ endif }", "template", "%{ … }"],
  ["(( grab meta.ip ))", "template", "(( … ))"],
  ["[[ .node.ip ]]", "template", "[[ … ]]"],
  ["((cluster-token))", "variable", "((cluster-token))"],
  ["op://vault/talos/token", "reference", "op://…"],
  ["ssm:///talos/token", "reference", "ssm://…"],
  ["awssm://talos/token", "reference", "awssm://…"],
  ["ref+vault://secret/talos#/token", "reference", "ref+vault://…"],
  ["secretref+sops://x#/y", "reference", "secretref+sops://…"],
  ["<path:secret/data/talos#token>", "reference", "<path:…>"],
  ["vault:secret/data/talos#token", "reference", "vault:…#…"],
  ["ENC[AES256_GCM,data:abc,iv:abc,tag:abc,type:str]", "encrypted", "ENC[AES256_GCM,…]"],
  ["$ANSIBLE_VAULT;1.1;AES256\n6162", "encrypted", "$ANSIBLE_VAULT"],
  ["<NODE_IP>", "placeholder", "<NODE_IP>"],
  ["REPLACE_ME", "placeholder", "REPLACE_ME"],
  ["changeme", "placeholder", "changeme"],
  ["YOUR_CLUSTER_NAME", "placeholder", "YOUR_CLUSTER_NAME"],
  ["https://<control-plane-ip>:6443", "placeholder", "<control-plane-ip>"],
];

test.each(found)("%s is a %s", (text, kind, mark) => {
  expect(unrenderedMark(text)).toEqual({ kind, mark });
});

// Values that machine configs, schematics and talosconfigs rightly hold.
const innocent = [
  "",
  "10.0.0.0/24",
  "https://cluster.example.com:6443",
  "factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.14.1",
  "pa$$word",
  "Pa$SWORD1",
  "price: 5$",
  "a$b{c}",
  "[[plugins]]",
  "if [[ -f /x ]]; then",
  "((1+2))",
  "YOURS",
  "change-me-not",
  "^(foo|bar)$",
  "|/bin/false %e %p",
  "%d",
  "net%d",
  '{"a":{"b":{"c":1}}}',
  "disk.size < 10u * GB && disk.size > 1u * GB",
  "< 1TB",
  '(disk.transport == "nvme") && !(system_disk)',
  'mac(link.permanent_addr) == "00:1a:2b:3c:4d:5e"',
  "$6$rounds=5000$abc$def",
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
  "x@y.example",
  "_gateway",
  "__x__y",
  "#comment",
  "a#{b",
  "vault",
  "shop://x",
  "console=ttyS0,115200n8",
  "talos.platform=metal",
  "ip=192.0.2.5::192.0.2.1:255.255.255.0::eth0:off",
];

test.each(innocent)("%s is nothing of the kind", (text) => {
  expect(unrenderedMark(text)).toBeNull();
});

describe("what is shown", () => {
  test("never holds more than a name", () => {
    for (const [text] of found) {
      const mark = unrenderedMark(text);
      const words = mark === null ? "" : markWords(mark);
      expect(words).not.toMatch(/hunter2|must be set|secret\/data|talos\/token|abc/);
    }
  });

  test("says what happened", () => {
    expect(markWords({ kind: "variable", mark: "${A}" })).toBe("a variable was not filled in (${A})");
  });

  test("a mark alone stands for a whole value", () => {
    expect(["${A}", " {{ .b }} ", "op://a/b/c", "ENC[AES256_GCM,data:x]"].map(isMarkAlone)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(["kind: Pod # ${A}", "x {{ y }}"].map(isMarkAlone)).toEqual([false, false]);
  });

  test("long texts full of beginnings take no time", () => {
    const start = performance.now();
    for (const piece of ["<%", "{{", "${", "$(", "<path:", "{#", "%{ if "]) unrenderedMark(piece.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
