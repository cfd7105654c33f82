import { afterEach, beforeEach, expect, test } from "vitest";
import { RuntimeUnattendedInstallPhase as Phase } from "@/lib/talos/gen/resource/definitions/enums";
import type { WatchResponse } from "@/lib/talos/gen/cosi/resource/state";
import { UnattendedInstallStatusSpec } from "@/lib/talos/gen/resource/definitions/runtime";
import { nodeConfig } from "./cluster/node-config";
import { startFleet, type Fleet } from "./fleet";
import { demoNodes } from "./scenario/demo";
import { call, clientsFor, codeOf, credentialsOf, eventually, insecure, type NodeClients } from "./testing";

const namespace = "runtime";
const type = "UnattendedInstallStatuses.runtime.talos.dev";
const statusId = { namespace, type, id: "unattended-install", options: undefined };

let fleet: Fleet;
let opened: NodeClients[] = [];

beforeEach(async () => {
  opened = [];
  fleet = await startFleet({
    speed: 200,
    scenario: demoNodes.filter(({ name }) => ["cp-01", "new-01"].includes(name)),
  });
});
afterEach(async () => {
  for (const clients of opened) clients.close();
  await fleet.stop();
});

const client = (credentials: Parameters<typeof clientsFor>[2]) => {
  const clients = clientsFor(fleet, "new-01", credentials);
  opened.push(clients);
  return clients;
};
const machine = () => {
  const node = fleet.world.nodes.get("new-01");
  if (!node) throw new Error("no such machine");
  return node;
};

/** The demo's config with the newer document in place of machine.install. */
function unattendedConfig(schematicId: string, more = ""): string {
  const cluster = fleet.world.clusters.get("forge");
  const spec = demoNodes.find(({ name }) => name === "new-01");
  if (!cluster || !spec) throw new Error("no cluster");
  const text = nodeConfig(spec, {
    secrets: cluster.secrets,
    endpoint: cluster.kubernetesEndpoint,
    registry: "factory.talos.dev",
    installSchematicId: schematicId,
    kubernetesVersion: "v1.36.2",
  });
  const image = `factory.talos.dev/metal-installer/${schematicId}:${machine().running.release}`;
  return `${text.replace(/ {4}install:\n( {8}.*\n)+/, "")}---
apiVersion: v1alpha1
kind: UnattendedInstallConfig
${more}installer:
    image: ${image}
provisioning:
    diskSelector:
        match: disk.transport == "nvme"
`;
}

async function apply(text: string): Promise<void> {
  const { machine: api } = client(insecure());
  const data = Buffer.from(text);
  await call(api.applyConfiguration.bind(api), { data, mode: 1, dryRun: false, tryModeTimeout: undefined });
}

const installStatus = async ({ state }: NodeClients) => {
  const { resource } = await call(state.get.bind(state), statusId);
  return UnattendedInstallStatusSpec.decode(resource?.spec?.protoSpec ?? Buffer.alloc(0));
};

test("1.14: a machine installs beside a boot that waits, answers as a member, reboots, and then says that it is installed", async () => {
  const { schematicId } = machine().running;
  const firstBoot = machine().bootId;
  const stages: string[] = [];
  machine().onPower(() => stages.push(machine().stage));
  fleet.fault("new-01", { kind: "slow-pull", factor: 10 });
  await apply(unattendedConfig(schematicId));
  await eventually(machine, (node) => !node.maintenance);
  const member = client(credentialsOf(fleet.talosconfig));
  const during = await eventually(
    () => installStatus(member),
    ({ phase }) => phase === Phase.UNATTENDED_INSTALL_PHASE_INSTALLING,
  );
  expect(during.image).toContain(schematicId);
  expect(machine().stage).toBe("booting");
  expect(machine().installed).toBe(false);
  expect(
    await codeOf(
      call(member.machine.bootstrap.bind(member.machine), { recoverEtcd: false, recoverSkipHashCheck: false }),
    ),
  ).toBe(9);
  await eventually(machine, (node) => node.stage === "running" && node.ready);
  expect(machine().bootId).not.toBe(firstBoot);
  expect(stages).not.toContain("installing");
  expect(
    (
      await eventually(
        () => installStatus(member),
        () => true,
      )
    ).phase,
  ).toBe(Phase.UNATTENDED_INSTALL_PHASE_INSTALLED);
});

test("1.14: an image that cannot be pulled is told of by the status alone, and a reboot forgets the config", async () => {
  fleet.fault("new-01", { kind: "image-not-found" });
  const { schematicId } = machine().running;
  const failures: string[] = [];
  await apply(unattendedConfig(schematicId));
  await eventually(machine, (node) => !node.maintenance);
  const member = client(credentialsOf(fleet.talosconfig));
  const stream = member.state.watch({ ...statusId, apiVersion: 1, options: undefined });
  stream.on("error", () => undefined);
  for await (const message of stream) {
    const { event } = message as WatchResponse;
    const specs = event.map(({ resource }) =>
      UnattendedInstallStatusSpec.decode(resource?.spec?.protoSpec ?? Buffer.alloc(0)),
    );
    failures.push(
      ...specs.flatMap(({ phase, error }) => (phase === Phase.UNATTENDED_INSTALL_PHASE_FAILED ? [error] : [])),
    );
    if (failures.length > 0) break;
  }
  expect(failures[0]).toMatch(/^failed to pull image "factory\.talos\.dev.*: not found$/);
  expect(machine().stage).toBe("booting");
  await call(member.machine.reboot.bind(member.machine), { mode: 0 });
  await eventually(machine, (node) => node.maintenance && node.stage === "maintenance");
  expect(machine().cluster).toBeNull();
});

test("1.14: told not to reboot, it goes on with the boot that waited", async () => {
  const firstBoot = machine().bootId;
  await apply(unattendedConfig(machine().running.schematicId, "reboot: false\n"));
  await eventually(machine, (node) => node.stage === "running" && node.ready);
  expect(machine().bootId).toBe(firstBoot);
  expect(machine().installed).toBe(true);
});

test("1.14: the CRI of a machine without Talos waits; a service without a health yet has Go's zero time", async () => {
  const { machine: api } = client(insecure());
  const { messages } = await call(api.serviceList.bind(api), {});
  const cri = messages[0]?.services.find(({ id }) => id === "cri");
  expect(cri?.state).toBe("Waiting");
  expect(cri?.health?.unknown).toBe(true);
  expect(cri?.health?.lastChange?.toISOString()).toBe("0001-01-01T00:00:00.000Z");
  const apid = messages[0]?.services.find(({ id }) => id === "apid");
  expect(apid?.events?.events.at(-1)?.msg).toBe("Health check successful");
  expect(apid?.health?.lastChange?.getUTCFullYear()).toBeGreaterThan(2000);
});
