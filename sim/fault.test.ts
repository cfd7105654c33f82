import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "node:tls";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { parseFault } from "./control/fault";
import { startFleet, type Fleet } from "./fleet";
import { demoNodes } from "./scenario/demo";
import { call, clientsFor, codeOf, credentialsOf, eventually } from "./testing";

const pick = (...names: string[]) => demoNodes.filter((node) => names.includes(node.name));

/** When the certificate that a node shows becomes valid. */
function validFrom(fleet: Fleet, name: string): Promise<number> {
  const address = fleet.nodes.find((node) => node.name === name)?.address ?? "";
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: 50_000, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_from));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("faults are read from their short names", () => {
  expect(parseFault("installer-exit:7")).toEqual({ kind: "installer-exit", code: 7 });
  expect(parseFault("slow-pull")).toEqual({ kind: "slow-pull", factor: 10 });
  expect(() => parseFault("no-such-thing")).toThrow();
});

test("a skewed clock shows in the certificate, an unreachable node listens to nobody, and both end", async () => {
  const fleet = await startFleet({ speed: 200, scenario: pick("new-01", "w-01", "cp-01") });
  try {
    fleet.fault("new-01", { kind: "clock-skew", skewMs: 3_600_000 });
    expect((await validFrom(fleet, "new-01")) - Date.now()).toBeGreaterThan(3_000_000);
    fleet.clearFault("new-01");
    expect(await validFrom(fleet, "new-01")).toBeLessThanOrEqual(Date.now());

    const clients = clientsFor(fleet, "w-01", credentialsOf(fleet.readerTalosconfig));
    const version = () => call(clients.machine.version.bind(clients.machine), {});
    await version();
    fleet.fault("w-01", { kind: "unreachable" });
    expect(
      await eventually(
        () => codeOf(version()),
        (code) => code === status.UNAVAILABLE,
      ),
    ).toBe(status.UNAVAILABLE);
    fleet.clearFault("w-01");
    await eventually(version, () => true);
    clients.close();
  } finally {
    await fleet.stop();
  }
});

test("a node whose clock differs cannot be reached around by a control plane, which verifies its certificate as we do", async () => {
  const fleet = await startFleet({ speed: 200, scenario: pick("w-01", "cp-01") });
  const clients = clientsFor(fleet, "cp-01", credentialsOf(fleet.readerTalosconfig));
  try {
    const node = fleet.nodes.find(({ name }) => name === "w-01")?.address ?? "";
    const version = () => call(clients.machine.version.bind(clients.machine), {}, { node });
    await version();
    for (const skewMs of [3_600_000, -3_600_000]) {
      fleet.fault("w-01", { kind: "clock-skew", skewMs });
      expect(await codeOf(version())).toBe(status.UNAVAILABLE);
    }
    fleet.clearFault("w-01");
    await version();
  } finally {
    clients.close();
    await fleet.stop();
  }
});

test("a fleet with a directory starts again with its authorities, configs and schematics", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "fleet-"));
  try {
    const options = { speed: 200, scenario: pick("cp-01", "w-01"), dir };
    const first = await startFleet(options);
    const schematic = first.world.schematics.register({ customization: { extraKernelArgs: ["kept=1"] } });
    const node = first.world.nodes.get("w-01");
    if (!node) throw new Error("no node");
    node.disk.slots.B = { release: "v1.13.9", schematicId: schematic.id };
    node.disk.active = "B";
    await first.stop();
    const second = await startFleet({
      ...options,
      network: first.nodes[0]?.address.split(".").slice(0, 3).join(".") ?? "127.4",
    });
    try {
      expect(second.world.nodes.get("w-01")?.running).toEqual({ release: "v1.13.9", schematicId: schematic.id });
      expect(second.world.schematics.get(schematic.id)?.kernelArgs).toEqual(["kept=1"]);
      const clients = clientsFor(second, "w-01", credentialsOf(first.readerTalosconfig));
      expect((await call(clients.machine.version.bind(clients.machine), {})).messages[0]?.version?.tag).toBe("v1.13.9");
      clients.close();
    } finally {
      await second.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
