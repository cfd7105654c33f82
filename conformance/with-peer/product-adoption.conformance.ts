import { beforeAll, expect, test, vi } from "vitest";
import { fleet } from "@/lib/inventory/fleet";
import * as operations from "@/lib/inventory/operations";
import type { NodeView } from "@/lib/inventory/schema";
import { as, dataOf, named } from "@/lib/inventory/testing-fleet";
import { eventually, importPeers, linksOf, profileIds, setUpPeers } from "./product-stage";

const peers = setUpPeers();
const clusterId = () => fleet().clusters()[0]?.id ?? "";
beforeAll(async () => void (await importPeers(peers())));

test("a machine in maintenance mode is found, adopted with its confirmed certificate, and works in the cluster", async () => {
  dataOf(
    await as("admin", operations.clusterImportSecrets, { clusterId: clusterId(), source: { kind: "control-plane" } }),
  );
  const { address } = peers().waiting;
  dataOf(await as("operator", operations.machineScan, { target: address.split(":")[0] }));
  const found = await vi.waitFor(
    () => {
      const view = fleet()
        .views()
        .find((candidate) => candidate.address === address);
      expect(view).toMatchObject({
        stage: "maintenance",
        reachability: { state: "reachable" },
        talosVersion: "v1.14.0",
      });
      expect(view?.gpus).toHaveLength(1);
      return view as NodeView;
    },
    { timeout: 30_000, interval: 50 },
  );
  expect(found.maintenanceFingerprint).toBe((await peers().waiting.state()).fingerprint);
  dataOf(await as("operator", operations.gpuProfileAssign, { nodeIds: [found.id], profileIds }));
  const adoption = {
    nodeId: found.id,
    clusterId: clusterId(),
    role: "worker",
    hostname: "adopted",
    installDisk: "/dev/nvme0n1",
  };
  const preview = dataOf(await as("admin", operations.machinePreviewAdoption, adoption));
  expect(preview.issues.filter(({ severity }) => severity === "error")).toEqual([]);
  const confirmed = { ...adoption, hash: preview.hash, fingerprint: found.maintenanceFingerprint };
  expect(await as("admin", operations.machineAdopt, { ...confirmed, fingerprint: `${"A".repeat(43)}=` })).toMatchObject(
    { ok: false },
  );
  const dryRun = dataOf(await as("admin", operations.machineAdopt, { ...confirmed, dryRun: true }));
  expect(dryRun.details).toMatch(/^\+hostname: adopted$/m);
  expect((await peers().waiting.state()).maintenance).toBe(true);
  dataOf(await as("admin", operations.machineAdopt, confirmed));
  await eventually(() => {
    expect(named("adopted")).toMatchObject({
      clusterName: "peers",
      role: "worker",
      stage: "running",
      ready: true,
      reachability: { state: "reachable" },
    });
    expect(linksOf(named("adopted"))).toMatchObject({ driver: "proven", "device-nodes": "proven" });
  }, 60_000);
});
