import { expect, test } from "vitest";
import { redactText } from "./redact-text";

const id = "7ef39d0df94b4db1810194f9bcbe8ac2951dc46af969891d4734db154ccbd8d6";
const config = `version: v1alpha1
machine:
  type: worker
  token: abcdef.0123456789abcdef
  install: {image: "factory.talos.dev/metal-installer/${id}:v1.13.9"}
  files:
    - path: /var/secret.conf
      op: create
      permissions: 0o600
      content: |
        [remote]
        user = ichor
        hunter2hunter2
`;

test("a diff that begins inside a file's content shows none of it", () => {
  const text =
    "@@ -70,3 +70,4 @@\n         [remote]\n-        user = ichor\n+        user = other\n         hunter2hunter2";
  const shown = redactText(text, [config, config.replace("user = ichor", "user = other")]);
  for (const secret of ["[remote]", "ichor", "other", "hunter2"]) expect(shown).not.toContain(secret);
  expect(shown.split("\n")).toHaveLength(5);
});

test("the reason of a refusal keeps its words and loses the value", () => {
  expect(redactText('yaml: line 4: cannot read "abcdef.0123456789abcdef"', [config])).toBe(
    'yaml: line 4: cannot read "******"',
  );
});

test("an installer image stays readable, a key that nobody knows of does not", () => {
  const image = `+    image: factory.talos.dev/metal-installer/${id}:v1.13.9`;
  expect(redactText(image, [config])).toBe(image);
  const key = Buffer.from("k".repeat(60)).toString("base64");
  expect(redactText(`+    other: ${key}`, [config])).toBe("+    other: ******");
});

test("keys that name a secret, and addresses that carry one", () => {
  expect(redactText("+ passphrase: short", [config])).toBe("+ passphrase: ******");
  expect(redactText("see https://omni.example/?jointoken=abc and http://me:pw@proxy:1", [config])).toBe(
    "see https://omni.example/?****** and http://******@proxy:1",
  );
  expect(redactText("+  - siderolink.api=grpc://h?jointoken=abc talos.config.oauth.client_secret=abc", [config])).toBe(
    "+  - siderolink.api=grpc://h?****** talos.config.oauth.client_secret=******",
  );
});
