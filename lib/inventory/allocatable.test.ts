import { beforeEach, expect, test, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import * as nodes from "@/lib/kubernetes/nodes";
import * as access from "./access";
import { createAllocatableReader } from "./allocatable";

vi.mock("@/lib/kubernetes/nodes");
vi.mock("./access");

const close = vi.fn();
let kubeconfig = "old";
let nowMs = 0;
const signal = new AbortController().signal;

beforeEach(() => {
  vi.mocked(access.openClusterKubernetes).mockImplementation(async () => ({
    server: kubeconfig,
    call: vi.fn(),
    close,
  }));
  vi.mocked(nodes.getKubernetesNode).mockImplementation(({ server }) => {
    if (server === "old" && kubeconfig !== "old") throw new AppError("refused", "Unauthorized.");
    return Promise.resolve({ allocatableGpus: { "nvidia.com/gpu": 2 }, kubeletVersion: "v1.36.2" } as never);
  });
});

test("credentials that were renewed meanwhile are taken up, without a restart", async () => {
  const reader = createAllocatableReader({ now: () => nowMs });
  const read = () => reader.read("cluster_1", "gpu-01", signal);
  const told = { allocatable: { "nvidia.com/gpu": "2" }, kubeletVersion: "v1.36.2" };
  expect(await read()).toEqual(told);
  kubeconfig = "new";
  expect(await read()).toBeNull();
  nowMs += 5 * 60_000;
  expect(await read()).toEqual(told);
  expect(close).toHaveBeenCalledTimes(1);
  expect(access.openClusterKubernetes).toHaveBeenCalledTimes(2);
});
