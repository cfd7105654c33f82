import fs from "node:fs";
import { expect, test } from "vitest";
import { weaknessOf } from "./password-strength";

const context = ["ada.lovelace", "ada", "lovelace", "forge-01.example.org", "forge", "example"];

test.each([
  "password1234",
  "Password2024!!",
  "P@ssw0rd12345",
  "passwordpassword",
  "qwertyuiop123",
  "1q2w3e4r5t6y-qwerty",
  "123456789012",
  "1qaz2wsx3edc",
  "abcdefghijklm",
  "zyxwvutsrqpon",
  "iloveyou12345",
  "administrator1",
  "Welcome-2026-Admin",
  "letmein-letmein",
  "hunter2hunter2",
  "correct horse battery staple",
  "correcthorsebatterystaple",
  "Ichor-admin-2026!",
  "ichoristheking1",
  "talosctl-talosctl",
  "kubernetes-cluster-1",
  "AdaLovelace1815",
  "ada-lovelace-ada",
  "lovelace-forge-01",
  "forge-01.example.org",
  "abababababab1",
  "xyzxyzxyzxyz9",
  "Summer2025Winter2026",
  "!!!!password!!!!",
  "monkey-dragon-123",
])("%s is refused", (password) => {
  expect(weaknessOf(password, context)).not.toBeNull();
});

test.each([
  "correct horse battery",
  "another good one",
  "walnut trombone gutter",
  "mfK4-tR9q-wz7P",
  "QwaT5PzR2myLyU2E",
  "3k9vLmQpXt7w",
  "der Hund frisst gern Kuchen",
  "пароль совсем другой",
  "shown-admin-password-quartz-hobbit",
])("%s is taken", (password) => {
  expect(weaknessOf(password, context)).toBeNull();
});

test("takes no more than milliseconds for the longest password, whatever it is made of", () => {
  const startMs = performance.now();
  for (const unit of ["a", "ab", "password", "qwertyuiop", "é", "aab"])
    weaknessOf(unit.repeat(200).slice(0, 200), context);
  expect(performance.now() - startMs).toBeLessThan(2_000);
});

test("every stored password goes through it: nothing else of the product makes a hash", () => {
  const files = ["app", "components", "lib", "scripts"].flatMap((root) =>
    fs.readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => `${root}/${name}`),
  );
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\/gen\//.test(file));
  const users = sources.filter((file) => /\bhashPassword\b/.test(fs.readFileSync(file, "utf8")));
  // Accounts of an identity provider get the hash of one that nobody has seen.
  expect(users.sort()).toEqual(["lib/auth/password.ts", "lib/people/new-password.ts", "lib/people/oidc/account.ts"]);
});
