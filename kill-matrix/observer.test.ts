import { afterEach, expect, test, vi } from "vitest";
import { type Fleet, startFleet } from "@/sim/fleet";
import { call, clientsFor, credentialsOf } from "@/sim/testing";
import { Observer } from "./observer";
import { flows, sixNodes } from "./six-nodes";

let fleet: Fleet | null = null;
afterEach(async () => {
  await fleet?.stop();
  fleet = null;
});

test("what must never happen is seen: two control planes away at once, a restart too many, no installation, the old release", async () => {
  const started = (fleet = await startFleet({ scenario: sixNodes("lifecycle"), speed: 100 }));
  const observer = new Observer(started);
  const moments: string[] = [];
  observer.atNext(/Reboot$/, () => moments.push("reboot"));
  const reboot = async (name: string) => {
    const clients = clientsFor(started, name, credentialsOf(started.talosconfig));
    try {
      await call(clients.machine.reboot.bind(clients.machine), { mode: 0 } as never);
    } finally {
      clients.close();
    }
  };
  await Promise.all([reboot("cp-01"), reboot("cp-02")]);
  const boots = () => observer.violations(flows.lifecycle.to).filter((found) => /cp-0[12]: restarted/.test(found));
  // One restart each is what an upgrade does, so the sentence goes away once both are back.
  await vi.waitFor(() => expect(boots()).toEqual([]), { timeout: 30_000, interval: 20 });

  const found = observer.violations(flows.lifecycle.to);
  expect(found).toContain("control planes down at once: cp-01, cp-02");
  expect(found).toContain("cp-03: restarted 0 times");
  expect(found).toContain("cp-01: installed in 0 boots");
  expect(found).toContain(`w-01: ends on ${flows.lifecycle.from}, not ${flows.lifecycle.to}`);
  expect(observer.count("reboot")).toBe(2);
  expect(moments).toEqual(["reboot"]);
});
