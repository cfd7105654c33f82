import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { listProfiles } from "@/lib/gpu/queries";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import * as operations from "../operations";
import { as, dataOf as data, eventually, named } from "../testing-fleet";
import { startWatcher, stopWatcher } from "../watcher";

setUpTestDatabase();

const names = ["cp-01", "gpu-04", "gpu-07", "w-01"];
const newestAudit = async () => (await listAudit(systemContext("test"))).entries[0];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  data(await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => {
    for (const name of names)
      expect(named(name)).toMatchObject({ config: { state: "known" }, reachability: { state: "reachable" } });
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

test("an install image with fewer extensions than what runs is among what needs attention, from the first day", () => {
  const { config, drift, attention } = named("gpu-04");
  expect(config).toMatchObject({
    differs: true,
    loses: ["siderolabs/amd-ucode"],
    installExtensions: ["siderolabs/amdgpu"],
  });
  expect(drift).toEqual([expect.stringContaining("a reinstall would lose 1\u00a0extension: amd-ucode")]);
  expect(attention).toContainEqual(expect.objectContaining({ kind: "drift", tone: "warn", sentence: drift[0] }));
});

test("an import records what it finds: the schematic that runs, its image, and the profile that covers it exactly", async () => {
  for (const [name, profileIds] of [
    ["gpu-04", ["amd"]],
    ["gpu-07", ["nvidia-proprietary-production"]],
    ["cp-01", []],
    ["w-01", []],
  ] as const) {
    const { intent, runningSchematicId, talosVersion } = named(name);
    expect(intent).toMatchObject({ schematicId: runningSchematicId, profileIds, asFound: true });
    expect(intent.installImage).toMatch(new RegExp(`metal-installer/${runningSchematicId}:${talosVersion}$`));
  }
  const users = (await listProfiles(systemContext("test"))).find(({ profile }) => profile.id === "amd")?.nodes;
  expect(users).toEqual([expect.objectContaining({ name: "gpu-04" })]);
});

test("nodes whose config installs what they run have no drift", () => {
  for (const name of ["cp-01", "gpu-07", "w-01"]) {
    expect(named(name)).toMatchObject({ drift: [], config: { state: "known", differs: false, loses: [] } });
  }
});

test("a config whose install image loses the driver warns before it is sent; afterwards drift shows it", async () => {
  const { id, extensions } = named("gpu-07");
  expect(extensions).toHaveLength(2);
  const plain = "machine:\n  install:\n    image: ghcr.io/siderolabs/installer:v1.13.9\n";
  const change = { nodeId: id, patches: [plain] };
  const preview = data(await as("admin", operations.nodePreviewConfig, change));
  expect(preview.issues.filter(({ path }) => path === "machine.install.image")).toEqual([
    {
      severity: "warning",
      path: "machine.install.image",
      message: expect.stringMatching(
        /which has no extensions, while schematic [0-9a-f]{12}… runs: a reinstall would lose 2\u00a0extensions, the GPU driver among them: nonfree-kmod-nvidia-production and nvidia-container-toolkit-production\.$/,
      ),
    },
    { severity: "warning", path: "machine.install.image", message: "From Talos 1.14 on there is no such image." },
  ]);
  data(await as("admin", operations.nodeApplyConfig, { ...change, hash: preview.hash }));
  const { drift, attention, config } = named("gpu-07");
  expect(drift[0]).toContain("ghcr.io/siderolabs/installer:v1.13.9, which has no extensions");
  expect(config).toMatchObject({ differs: true, origin: "as-applied" });
  expect(attention).toContainEqual(expect.objectContaining({ kind: "drift", tone: "warn" }));
});

test("a plain installer of a release that has none is said to be none", async () => {
  const plain = "machine:\n  install:\n    image: ghcr.io/siderolabs/installer:v1.14.0\n";
  const preview = data(
    await as("operator", operations.nodePreviewConfig, { nodeId: named("w-01").id, patches: [plain] }),
  );
  expect(preview.issues).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining("There is no image ghcr.io/siderolabs/installer:v1.14.0"),
    }),
  );
});

const sysctl = (name: string, value: string) => `machine:\n  sysctls:\n    ${name}: "${value}"\n`;
const diskOf = (name: string) => sim.world.nodes.get(name)?.disk.config ?? "";
const liveOf = (name: string) => sim.world.nodes.get(name)?.configText ?? "";

type Change = { patches: string[]; staged?: "keep" | "drop"; mode?: string };
async function apply(name: string, { mode = "auto", ...change }: Change) {
  const input = { nodeId: named(name).id, withIntent: false, ...change };
  const preview = data(await as("admin", operations.nodePreviewConfig, input));
  const applied = data(await as("admin", operations.nodeApplyConfig, { ...input, mode, hash: preview.hash }));
  return { preview, applied };
}

test("a staged change is shown on the node, and the next patch goes on top of it", async () => {
  const staged = await apply("w-01", { patches: [sysctl("vm.swappiness", "7")], mode: "staged" });
  expect(staged.applied.proof).toBe("after-reboot");
  expect(named("w-01").config).toMatchObject({
    staged: { sinceMs: expect.any(Number), summary: ["Adds machine.sysctls."] },
  });
  expect(liveOf("w-01")).not.toContain("vm.swappiness");

  const next = await apply("w-01", { patches: [sysctl("vm.dirty_ratio", "9")], mode: "staged" });
  expect(next.preview.staged).toMatchObject({ dropped: false, summary: ["Adds machine.sysctls."] });
  expect(next.preview.issues).toContainEqual(
    expect.objectContaining({ severity: "warning", message: expect.stringContaining("staged for the next boot") }),
  );
  expect(diskOf("w-01")).toMatch(/vm\.swappiness/);
  expect(diskOf("w-01")).toMatch(/vm\.dirty_ratio/);
  expect(liveOf("w-01")).not.toContain("vm.dirty_ratio");

  const now = await apply("w-01", { patches: [] });
  expect(now.applied.proof).toBe("proven");
  expect(liveOf("w-01")).toMatch(/vm\.swappiness/);
  expect(named("w-01").config).toMatchObject({ staged: null });
});

test("a staged change is dropped only knowingly", async () => {
  await apply("w-01", { patches: [sysctl("vm.swappiness", "80")], mode: "staged" });
  const input = { nodeId: named("w-01").id, withIntent: false, patches: [], staged: "drop" };
  const preview = data(await as("admin", operations.nodePreviewConfig, input));
  expect(preview).toMatchObject({
    changed: true,
    staged: { dropped: true },
    summary: ["Drops the change that is staged."],
  });
  data(await as("admin", operations.nodeApplyConfig, { ...input, hash: preview.hash }));
  expect(diskOf("w-01")).not.toContain('vm.swappiness: "80"');
  expect(named("w-01").config).toMatchObject({ staged: null });
});

test("a config on trial is no staged one, and is said to become permanent", async () => {
  const input = { nodeId: named("w-01").id, withIntent: false, patches: [sysctl("vm.swappiness", "33")] };
  const preview = data(await as("admin", operations.nodePreviewConfig, input));
  const trial = { mode: "try", tryTimeoutMs: 600_000 };
  data(await as("admin", operations.nodeApplyConfig, { ...input, ...trial, hash: preview.hash }));
  await eventually(async () => {
    const next = data(await as("operator", operations.nodePreviewConfig, { ...input, patches: [] }));
    expect(next.staged).toBeNull();
    expect(next.issues).toContainEqual(expect.objectContaining({ message: expect.stringContaining("on trial") }));
  });
  expect(named("w-01").config).toMatchObject({ staged: null });
});

test("the node is made true: its config gets the recorded image, nothing else, and is read back", async () => {
  const { id } = named("gpu-04");
  const before = diskOf("gpu-04");
  expect(await as("operator", operations.nodeApplyRecordedImage, { nodeId: id })).toMatchObject({
    error: { code: "forbidden" },
  });
  const done = data(await as("admin", operations.nodeApplyRecordedImage, { nodeId: id }));
  expect(done).toMatchObject({ name: "gpu-04", proof: "proven", upgradeNeeded: false });
  expect(done.installImage).toBe(named("gpu-04").intent.installImage);
  expect(await newestAudit()).toMatchObject({
    action: "node.apply-recorded-image",
    outcome: "succeeded",
    target: { id },
  });
  expect(named("gpu-04")).toMatchObject({ drift: [], config: { differs: false, loses: [], origin: "as-applied" } });
  expect(named("gpu-04").attention.filter(({ kind }) => kind === "drift")).toEqual([]);
  const lines = (text: string) =>
    text
      .split("\n")
      .filter((line) => !/^\s+image: \S+-installer\//.test(line))
      .join("\n");
  expect(parseAllDocuments(lines(diskOf("gpu-04"))).map(String)).toEqual(parseAllDocuments(lines(before)).map(String));
});

test("a staged change is not mixed with it", async () => {
  await apply("gpu-04", { patches: [sysctl("vm.swappiness", "5")], mode: "staged" });
  const refused = await as("admin", operations.nodeApplyRecordedImage, { nodeId: named("gpu-04").id });
  expect(refused).toMatchObject({ error: { code: "refused", message: expect.stringContaining("staged") } });
  expect(await newestAudit()).toMatchObject({ action: "node.apply-recorded-image", outcome: "failed" });
  expect(diskOf("gpu-04")).toContain("vm.swappiness");
});

test("the record is made true: what runs becomes what is recorded, and nothing is sent to the node", async () => {
  const { id, runningSchematicId } = named("gpu-07");
  data(await as("operator", operations.gpuProfileAssign, { nodeIds: [id], profileIds: ["nvidia-open-production"] }));
  expect(named("gpu-07")).toMatchObject({ intent: { asFound: false } });
  expect(named("gpu-07").drift[0]).toContain("is recorded: an upgrade installs the recorded one");
  expect(await as("viewer", operations.nodeRecordRunning, { nodeId: id })).toMatchObject({
    error: { code: "forbidden" },
  });
  const disk = diskOf("gpu-07");
  const done = data(await as("operator", operations.nodeRecordRunning, { nodeId: id }));
  expect(done).toMatchObject({ schematicId: runningSchematicId, profileIds: ["nvidia-proprietary-production"] });
  expect(await newestAudit()).toMatchObject({ action: "node.record-running", outcome: "succeeded", target: { id } });
  expect(named("gpu-07").intent).toMatchObject({ schematicId: runningSchematicId, asFound: true });
  expect(diskOf("gpu-07")).toBe(disk);
});

test("neither is possible on a node that is away", async () => {
  sim.fault("w-01", { kind: "unreachable" });
  await eventually(() => expect(named("w-01").reachability.state).toBe("unreachable"));
  const input = { nodeId: named("w-01").id };
  expect(await as("operator", operations.nodeRecordRunning, input)).toMatchObject({ error: { code: "refused" } });
  expect(await as("admin", operations.nodeApplyRecordedImage, input)).toMatchObject({ error: { code: "refused" } });
});
