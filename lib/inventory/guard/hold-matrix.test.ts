import { describe, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type HoldingOperation, disturbances } from "./disturbance";
import { type Holder, ask, holders, reading, setEtcd, setUpCluster, verdictOf } from "./hold-testing";

vi.mock("./read-etcd", () => ({ readClusterEtcd: vi.fn() }));
vi.mock("./keeper", () => ({ lookAtHolds: vi.fn() }));
setUpTestDatabase();
setUpCluster();
// Each case writes to a real database: seconds on an idle machine, more on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const operations = (Object.keys(disturbances) as (keyof typeof disturbances)[]).filter(
  (name): name is HoldingOperation => disturbances[name].kind !== "nothing" && name !== "upgrade.run",
);

/** What is expected, from the rules rather than from a list. */
function expected(operation: HoldingOperation, etcd: string, holder: Holder, role: "plane" | "worker"): string {
  const what = disturbances[operation];
  const itself = holder === "a run" || holder === "the node itself on its way";
  if (role === "plane" ? itself : holder === "a worker on its way") return "conflict";
  if (what.kind !== "away" || role === "worker") return "allowed";
  if (holder === "another control plane on its way") return "conflict";
  const ofThree = holder === "another control plane switched off" && /^3|^2 of 3/.test(etcd);
  if (ofThree) return "refused";
  if (etcd === "1 of 1") return what.forGood ? "refused" : "allowed";
  return etcd === "3 of 3" || etcd === "2 of 3, it is the one away" ? "allowed" : "refused";
}

describe.each(Object.keys(holders) as Holder[])("beside %s", (holder) => {
  test.each(["plane", "worker"] as const)("every operation on a %s, for every state of etcd", async (role) => {
    const node = role === "plane" ? "cp-1" : "w-1";
    for (const etcd of Object.keys(reading)) {
      for (const operation of operations) {
        setEtcd("3 of 3");
        await holders[holder]();
        setEtcd(etcd);
        const said = await verdictOf(ask({ operation, node, role: "admin" }));
        expect(said, `${operation} with ${etcd}`).toBe(expected(operation, etcd, holder, role));
        await db.nodeHold.deleteMany();
        await db.upgradeRun.deleteMany();
      }
    }
  });
});
