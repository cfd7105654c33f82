import { afterEach, beforeEach, expect, test } from "vitest";
import { type KubernetesClient, openKubernetes } from "./client";
import { giveBackCordon, takeCordon } from "./cordon";
import { cordonMark, getKubernetesNode } from "./nodes";
import { type KubernetesTestServer, startKubernetesServer } from "./testing";

type Body = { metadata?: { resourceVersion?: string; annotations?: Record<string, string | null> }; spec?: object };

/** One node; what others do to it between our read and our change stands in `between`. */
const state = {
  unschedulable: false,
  annotations: {} as Record<string, string>,
  version: 1,
  patches: [] as string[],
  between: [] as (() => void)[],
  always409: false,
};
let server: KubernetesTestServer;
let client: KubernetesClient;

beforeEach(async () => {
  Object.assign(state, {
    unschedulable: false,
    annotations: {},
    version: 1,
    patches: [],
    between: [],
    always409: false,
  });
  server = await startKubernetesServer(({ method, path, body, headers }) => {
    if (path !== "/api/v1/nodes/w1") return { status: 404, body: { kind: "Status", message: "not here" } };
    const node = () => ({
      metadata: { name: "w1", resourceVersion: String(state.version), annotations: state.annotations },
      spec: { unschedulable: state.unschedulable },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        allocatable: { cpu: "8", "nvidia.com/gpu": "2" },
        nodeInfo: { kubeletVersion: "v1.36.1" },
      },
    });
    if (method !== "PATCH") {
      const read = structuredClone(node());
      state.between.shift()?.();
      return { status: 200, body: read };
    }
    const patch = JSON.parse(body) as Body;
    if (state.always409 || patch.metadata?.resourceVersion !== String(state.version)) {
      return { status: 409, body: { kind: "Status", reason: "Conflict", message: "changed" } };
    }
    state.version += 1;
    state.patches.push(String(headers["content-type"]));
    Object.assign(state, patch.spec);
    for (const [key, value] of Object.entries(patch.metadata.annotations ?? {})) {
      if (value === null) delete state.annotations[key];
      else state.annotations[key] = value;
    }
    return { status: 200, body: node() };
  });
  client = openKubernetes(server.kubeconfig(), { timeoutMs: 5_000 });
});
afterEach(async () => {
  client.close();
  await server.close();
});

const by = "run:run_1";
const foreign = () => Object.assign(state, { unschedulable: true, version: state.version + 1 });
const marked = (mark: string) => {
  foreign();
  state.annotations[cordonMark] = mark;
};

test("a cordon is made in our name, read with the cards and the readiness, and taken back without a trace", async () => {
  expect(await takeCordon(client, "w1", { by })).toBe("cordoned");
  expect(state).toMatchObject({ unschedulable: true, annotations: { [cordonMark]: by } });
  expect(state.patches).toEqual(["application/strategic-merge-patch+json"]);
  expect(await getKubernetesNode(client, "w1")).toMatchObject({
    ...{ ready: true, unschedulable: true, cordonedBy: by, allocatableGpus: { "nvidia.com/gpu": 2 } },
  });
  expect(await getKubernetesNode(client, "absent")).toBeNull();
  expect(await takeCordon(client, "w1", { by })).toBe("taken-over");
  expect(await giveBackCordon(client, "w1", { by })).toBe("uncordoned");
  expect(state).toMatchObject({ unschedulable: false, annotations: {} });
  expect(await giveBackCordon(client, "w1", { by })).toBe("not-cordoned");
  expect(state.patches).toHaveLength(2);
});

test("a cordon of somebody else is neither taken over nor taken back, unless a person asks for it", async () => {
  foreign();
  expect(await takeCordon(client, "w1", { by })).toBe("foreign");
  expect(await giveBackCordon(client, "w1", { by })).toBe("foreign");
  expect(state.patches).toEqual([]);
  expect(await giveBackCordon(client, "w1", { by: null })).toBe("uncordoned");
  expect(state.unschedulable).toBe(false);
});

test("one that an earlier run left is taken over, and then no more that run's to take back", async () => {
  marked("run:run_0");
  expect(await takeCordon(client, "w1", { by })).toBe("taken-over");
  expect(state.annotations[cordonMark]).toBe(by);
  expect(await giveBackCordon(client, "w1", { by: "run:run_0" })).toBe("foreign");
  expect(await giveBackCordon(client, "w1", { by: "run:run_0", unmarked: true })).toBe("foreign");
  expect(await giveBackCordon(client, "w1", { by })).toBe("uncordoned");
});

test("one without a mark is ours where it was recorded as ours before there were marks", async () => {
  foreign();
  expect(await takeCordon(client, "w1", { by, unmarked: true })).toBe("taken-over");
  expect(state.annotations[cordonMark]).toBe(by);
  delete state.annotations[cordonMark];
  expect(await giveBackCordon(client, "w1", { by, unmarked: true })).toBe("uncordoned");
});

test("a mark that outlived its cordon says nothing", async () => {
  state.annotations[cordonMark] = "run:run_0";
  expect(await getKubernetesNode(client, "w1")).toMatchObject({ unschedulable: false, cordonedBy: null });
  expect(await takeCordon(client, "w1", { by })).toBe("cordoned");
});

test("what changes between reading and changing is read again: a cordon made meanwhile by somebody else stays theirs", async () => {
  state.between = [foreign];
  expect(await takeCordon(client, "w1", { by })).toBe("foreign");
  expect(state).toMatchObject({ unschedulable: true, annotations: {} });
  state.unschedulable = false;
  state.between = [() => (state.version += 1)];
  expect(await takeCordon(client, "w1", { by })).toBe("cordoned");
  expect(await takeCordon(client, "absent", { by }).catch((error: { code: string }) => error.code)).toBe("not-found");
});

test("a node that never stands still is given up after a few tries", async () => {
  state.always409 = true;
  await expect(takeCordon(client, "w1", { by })).rejects.toMatchObject({ code: "conflict" });
});
