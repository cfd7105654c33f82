import { describe, expect, test } from "vitest";
import { planBlindly } from "./config-blind";
import { shownPlan } from "./config-plan";

const token = "abcdef.0123456789abcdef";
const wrong = "abcdef.0123456789abcdee";
const clusterSecret = "Y2x1c3RlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcw==";
const fileSecret = "hunter2-hunter2";
const config = `version: v1alpha1
machine:
  type: worker
  token: ${token}
  network: {hostname: gpu-1}
  files: [{path: /var/x, permissions: 0o600, op: create, content: ${fileSecret}}]
  registries: {config: {registry.example: {auth: {username: robot, password: short}}}}
cluster:
  secret: ${clusterSecret}
  controlPlane: {endpoint: "https://10.0.0.1:6443"}
`;

/** Everything that an operator sees of a try: the answer, or the error; made-up and random parts are left out. */
function seen(patch: unknown): string {
  const patches = [typeof patch === "string" ? patch : JSON.stringify(patch)];
  const texts = { active: config, staged: null, base: config, intent: [], patches };
  try {
    const { before, ...planned } = planBlindly(texts, { talosVersion: "v1.13.4", platform: "metal" });
    const { hash: _hash, ...shown } = shownPlan({ ...planned, before: before.active, staged: null });
    return JSON.stringify(shown);
  } catch (error) {
    return String(error);
  }
}

const places: [string, string, string][] = [
  ["/machine/token", token, wrong],
  ["/cluster/secret", clusterSecret, "Y2x1c3RlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcg=="],
  ["/machine/files/0/content", fileSecret, "hunter2-hunter3"],
  ["/machine/registries/config/registry.example/auth/password", "short", "shorx"],
];

describe("a right guess of a secret looks like a wrong one", () => {
  test.each(places)("at %s", (path, right, other) => {
    const same = (make: (value: string) => unknown) => {
      const [left, rightSeen] = [seen(make(other)), seen(make(right))];
      // The guess itself is the operator's own word, and may come back.
      expect(rightSeen.replaceAll(right, "GUESS")).toBe(left.replaceAll(other, "GUESS"));
    };
    same((value) => [{ op: "test", path, value }]);
    same((value) => [{ op: "replace", path, value }]);
    same((value) => [
      { op: "test", path, value },
      { op: "remove", path },
    ]);
    // A secret that is taken out wherever it stands would tell as much.
    same((value) => [{ op: "add", path: "/machine/nodeLabels", value: { guess: value } }]);
    same((value) => `machine: {network: {hostname: "${value}"}}`);
    same((value) => `machine: {token: "${value}"}`);
    // Copied to where rules look at it.
    same((value) => [
      { op: "copy", from: path, path: "/machine/network/hostname" },
      { op: "test", path: "/machine/network/hostname", value },
    ]);
  });

  test.each(places)("no secret of %s is in an answer, wherever a patch copies it", (path, secret) => {
    for (const to of ["/machine/network/hostname", "/machine/nodeLabels", "/machine/type", "/kind", "/machine/sysctls"])
      expect(seen([{ op: "copy", from: path, path: to }])).not.toContain(secret);
  });

  test("what else a patch changes is told as ever, and what was wrong before still is", () => {
    const shown = seen("machine: {sysctls: {vm.swappiness: '1'}}");
    expect(shown).toContain("vm.swappiness");
    expect(shown).toContain('"changed":true');
    expect(seen("machine: {type: nonesuch}")).toContain("nonesuch");
  });
});
