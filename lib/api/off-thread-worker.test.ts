import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { offThread } from "@/lib/core/off-thread/pool";
import {
  documentsTask,
  hashTask,
  planTask,
  readContext,
  sameTask,
  shownTask,
  summaryTask,
  toldTask,
} from "@/lib/inventory/tasks";
import { diffTask, patchTask, previewTask, readBundle, validateTask } from "@/lib/machine-config/tasks";
import { generateSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { previewTask as previewSchematic, readGiven } from "@/lib/schematic/tasks";
import { aheadTask } from "@/lib/upgrades/tasks";
import { buildWorker } from "../../scripts/worker-build.mjs";

let dir: string;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-worker-"));
  process.env.ICHOR_WORKER_FILE = path.join(dir, "worker.cjs");
  buildWorker(process.env.ICHOR_WORKER_FILE);
});
afterAll(() => {
  delete process.env.ICHOR_WORKER_FILE;
  fs.rmSync(dir, { recursive: true });
});

const config = "version: v1alpha1\nmachine:\n  type: worker\n";
const patches = ["machine:\n  sysctls:\n    vm.swappiness: '1'\n"];

/** The same here and in a thread, refusals too. */
async function same<I, O>(task: { name: string; run: (input: I) => O }, input: I): Promise<void> {
  const settled = (work: () => unknown): Promise<unknown> =>
    Promise.resolve()
      .then(work)
      .then(
        (value) => ({ value }),
        (error: Error) => ({ message: error.message, hint: Reflect.get(error, "hint") as unknown }),
      );
  expect(await settled(() => offThread(task, input))).toEqual(await settled(() => task.run(input)));
}

test("the bundle of the worker does every task as this process would", { timeout: 120_000 }, async () => {
  const bundle = writeSecretsBundle(await generateSecretsBundle({ contract: "1.14", nowMs: 1_750_000_000_000 }));
  await same(readBundle, bundle);
  await same(readBundle, "certs: [");
  const cluster = {
    name: "lab",
    endpoint: "https://10.0.0.1:6443",
    kubernetesVersion: "v1.36.3",
    dnsDomain: "cluster.local",
    podSubnets: ["10.244.0.0/16"],
    serviceSubnets: ["10.96.0.0/12"],
    cni: { kind: "flannel" as const },
    discovery: true,
    kubespan: false,
    allowSchedulingOnControlPlanes: false,
  };
  await same(previewTask, { secrets: bundle, cluster, role: "worker", contract: "1.14", node: {}, patches });
  await same(patchTask, { config, patches, contract: "1.14" });
  await same(validateTask, { config, contract: "1.14", mode: "metal" });
  await same(diffTask, { before: config, after: `${config}  token: aaaaaaaaaa\n` });
  await same(diffTask, { before: config, after: "a: {{ b }}" });
  await same(previewSchematic, "overlay:\n  name: a\n  image: b\n  options: {big: 99999999999999999999}\n");
  await same(readGiven, { customization: { extraKernelArgs: ["a=b"] } });
  await same(readContext, { text: "context: a\ncontexts: {a: {endpoints: [10.0.0.1]}}\n", name: undefined });
  await same(planTask, { before: config, patches, talosVersion: "v1.14.1", platform: "metal" });
  const plan = planTask.run({ before: config, patches, talosVersion: "v1.14.1", platform: null });
  await same(shownTask, plan);
  await same(
    documentsTask,
    `${config}---\napiVersion: v1alpha1\nkind: A\nbig: 9223372036854775807\ndate: 2024-01-02\n`,
  );
  await same(documentsTask, "a: [");
  await same(hashTask, config);
  await same(sameTask, { one: config, other: `# note\n${config}` });
  await same(toldTask, { active: config, staged: `${config}  token: aaaaaaaaaa\n` });
  await same(aheadTask, { config, running: "v1.13.0", platform: "metal", hops: ["v1.14.0"] });
  await same(summaryTask, { before: plan.before, after: plan.after });
});
