import { expect, test } from "vitest";
import { issuesAhead } from "./issues-ahead";

/** A worker as Talos 1.12 takes it, in the old place for kernel parameters. */
const worker = `version: v1alpha1
machine:
  type: worker
  token: abcdef.0123456789abcdef
  ca:
    crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
  install:
    disk: /dev/sda
  sysctls:
    net.core.somaxconn: "65535"
cluster:
  id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=
  secret: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=
  controlPlane:
    endpoint: https://10.0.0.1:6443
`;
const hops = ["v1.13.9", "v1.14.0"];
const ahead = (config: string, running = "v1.12.11") => issuesAhead(config, running, "metal", hops);

test("a config that later releases read has nothing ahead of it", () => {
  expect([...ahead(worker)]).toEqual(hops.map((hop) => [hop, []]));
});

test("what only a later release refuses is told of that release, without values", () => {
  const both = `${worker}---\napiVersion: v1alpha1\nkind: SysctlConfig\nsysctls:\n  net.core.somaxconn: "4096"\n`;
  const issues = ahead(both, "v1.13.9").get("v1.14.0") ?? [];
  expect(issues.length).toBeGreaterThan(0);
  expect(issues.join(" ")).toContain("sysctls");
  expect(issues.join(" ")).not.toMatch(/4096|65535/);
});

test("what the release that runs would refuse as well is not the upgrade's affair", () => {
  expect([...ahead(worker.replace("  type: worker", "  type: worker\n  noSuchField: 1"))]).toEqual(
    hops.map((hop) => [hop, []]),
  );
});
