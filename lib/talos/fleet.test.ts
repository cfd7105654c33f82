import { gte, parse as parseVersion } from "semver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { supportsLifecycle } from "@/lib/talos/capabilities";
import { readCertificate } from "@/lib/talos/channel";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import { absentAsNull, isTalosError } from "@/lib/talos/errors";
import { reconnecting } from "@/lib/talos/reconnect";
import { resourceDefs } from "@/lib/talos/resources";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startFleet, type Fleet } from "@/sim/fleet";

let fleet: Fleet;
const clients: TalosClient[] = [];
beforeAll(async () => {
  fleet = await startFleet({ speed: 100 });
});
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.stop();
});

const open = (input: Parameters<typeof openTalosClient>[0]) => {
  const client = openTalosClient(input);
  clients.push(client);
  return client;
};
const nodeNamed = (name: string) => {
  const node = fleet.nodes.find((each) => each.name === name);
  if (!node) throw new Error(`no ${name} in the fleet`);
  return node;
};
/** A client with a role's certificate for a member by name. */
function as(role: "admin" | "reader", name: string, viaNode?: string): TalosClient {
  const { contexts } = parseTalosconfig(role === "admin" ? fleet.talosconfig : fleet.readerTalosconfig);
  const credentials = contexts[0]?.credentials ?? { kind: "maintenance" as const, fingerprint: null };
  return open({ address: nodeNamed(name).endpoint, credentials, ...(viaNode === undefined ? {} : { viaNode }) });
}

describe("against the simulated fleet", () => {
  it("reads every resource that a release has, on each release of the fleet, and nothing else is missing", async () => {
    const seen = new Set<string>();
    for (const { name } of fleet.nodes.filter(({ cluster }) => cluster !== null)) {
      const client = as("admin", name);
      const { tag } = await client.version();
      if (seen.has(tag)) continue;
      seen.add(tag);
      const absent: string[] = [];
      for (const [resource, def] of Object.entries(resourceDefs))
        if ((await absentAsNull(client.listResources<unknown>(def))) === null) absent.push(resource);
      const older = Object.entries(resourceDefs).filter(
        ([, { since }]) => since && !gte(parseVersion(tag) ?? "0.0.0", since),
      );
      expect([tag, absent.sort()]).toEqual([tag, older.map(([resource]) => resource).sort()]);
    }
    expect(new Set([...seen].map(supportsLifecycle)).size).toBe(2);
  });

  it("gets what there is one of by the id that it has on a node", async () => {
    const client = as("admin", "cp-01");
    const { tag } = await client.version();
    const missing: string[] = [];
    const orNull = (reading: Promise<unknown>) =>
      absentAsNull(reading).catch((error: unknown) => {
        if (isTalosError(error, "not-found")) return null;
        throw error;
      });
    for (const [resource, def] of Object.entries(resourceDefs)) {
      if (def.id === undefined || (await orNull(client.get<unknown>(def)))) continue;
      if ((await absentAsNull(client.listResources<unknown>(def)))?.length) missing.push(resource);
    }
    expect([tag, missing]).toEqual([tag, []]);
    expect((await client.get(resourceDefs.kubeletStatus)).spec.image).toMatch(/kubelet:v/);
  });

  it("reads a node's vitals with a reader's certificate, and no more", async () => {
    const client = as("reader", "gpu-01");
    await expect(client.memory()).resolves.toMatchObject({ totalBytes: expect.any(Number) });
    expect((await client.memory()).totalBytes).toBeGreaterThan(1024 ** 3);
    expect((await client.systemStat()).bootTimeMs).toBeGreaterThan(Date.UTC(2020, 0));
    expect((await client.serviceList()).find(({ id }) => id === "kubelet")).toMatchObject({
      state: "Running",
      healthy: true,
    });
    const { spec } = await client.get(resourceDefs.machineStatus);
    expect(spec).toEqual({ stage: "running", status: { ready: true, unmetConditions: [] } });
    expect((await failureOf(client.reboot())).kind).toBe("permission-denied");
    expect((await failureOf(client.get(resourceDefs.machineConfig))).kind).toBe("permission-denied");
  });

  it("reads secrets with an admin's certificate", async () => {
    const admin = as("admin", "cp-01");
    const config = await admin.get(resourceDefs.machineConfig);
    expect(config.spec).toContain("version: v1alpha1");
    expect(parse(await admin.kubeconfig())).toMatchObject({ kind: "Config" });
    const minted = await admin.generateClientConfiguration({ roles: ["os:reader"], ttlMs: 3_600_000 });
    const { contexts } = parseTalosconfig(minted.talosconfig);
    expect(contexts[0]?.identity.roles).toEqual(["os:reader"]);
    const members = await admin.etcdMemberList();
    expect(members.map(({ id }) => id)).toContain((await admin.etcdStatus()).leaderId);
  });

  it("reaches a worker through its control plane", async () => {
    const client = as("reader", "cp-01", nodeNamed("gpu-02").address);
    await expect(client.version()).resolves.toMatchObject({ tag: "v1.13.9" });
    const { spec } = await client.get(resourceDefs.hostnameStatus);
    expect(spec.hostname).toBe("gpu-02");
  });

  it("looks at a machine in maintenance mode, pins its key and reads its hardware", async () => {
    const waiting = fleet.nodes.find(({ cluster }) => cluster === null);
    const address = waiting?.endpoint ?? "";
    const { fingerprint, isMaintenance } = await readCertificate(address);
    expect(isMaintenance).toBe(true);
    const client = open({ address, credentials: { kind: "maintenance", fingerprint } });
    await expect(client.get(resourceDefs.machineStatus)).resolves.toMatchObject({ spec: { stage: "maintenance" } });
    expect((await client.listResources(resourceDefs.pciDevice)).length).toBeGreaterThan(0);
    const other = open({
      address,
      credentials: { kind: "maintenance", fingerprint: Buffer.alloc(32).toString("base64") },
    });
    expect((await failureOf(other.version())).kind).toBe("refused-certificate");
  });

  it("follows a node through a reboot: events, the broken watch, and a new boot", async () => {
    const client = as("admin", "gpu-01");
    const before = (await client.get(resourceDefs.bootId)).spec.bootId;
    const controller = new AbortController();
    const stages = new Set<string>();
    let lives = 0;
    const following = reconnecting({
      signal: controller.signal,
      baseMs: 20,
      capMs: 100,
      async attempt({ up }) {
        lives += 1;
        for await (const event of client.watch(
          resourceDefs.machineStatus,
          { id: "machine" },
          { signal: controller.signal },
        )) {
          up();
          if (event.kind === "established" && lives === 1) await client.reboot();
          if (event.kind === "created" || event.kind === "updated") stages.add(event.resource.spec.stage);
          const bootId = lives > 1 && event.resource ? (await client.get(resourceDefs.bootId)).spec.bootId : before;
          if (bootId !== before) return controller.abort();
        }
      },
    });
    await following;
    expect(lives).toBeGreaterThan(1);
    expect([...stages]).toContain("rebooting");
  });

  it("pulls and installs through the lifecycle calls, and gets the exit code", async () => {
    const client = as("admin", "gpu-02");
    const { spec } = await client.get(resourceDefs.machineConfig);
    const image = /^\s*image: (\S*installer\S*)$/m.exec(spec)?.[1] ?? "";
    const pulled = (await collect(client.pullImage(image))).at(-1);
    expect(pulled).toMatchObject({ kind: "pulled" });
    const output = await collect(client.upgradeLifecycle(pulled?.kind === "pulled" ? pulled.name : ""));
    expect(output.at(-1)).toEqual({ kind: "exit", code: 0 });
    expect(output.length).toBeGreaterThan(2);
  });
});
