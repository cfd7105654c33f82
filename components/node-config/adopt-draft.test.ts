import { expect, test } from "vitest";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { type AdoptDraft, adoptionOf, installDisks, openClusters, roleFor } from "./adopt-draft";
import { firstProfile, isNewProfile } from "./profile-choice";

const disk = { id: "d", sizeBytes: 1e12, model: "", serial: "", transport: "nvme", system: false };
const node = {
  id: "node_1",
  gpus: [{}],
  hardware: {
    disks: [
      { ...disk, devPath: "/dev/nvme0n1" },
      { ...disk, devPath: "/dev/sr0" },
      { ...disk, devPath: "/dev/sda", sizeBytes: 0 },
    ],
  },
  intent: { profileIds: [], profileNames: [] },
  suggestion: { profileId: "amd", reason: "It is a Radeon." },
} as unknown as NodeView;
const cluster = { id: "c1", name: "lab", secrets: "generated", controlPlanes: 0 } as ClusterView;
const draft: AdoptDraft = {
  clusterId: "c1",
  role: null,
  hostname: " gpu-09 ",
  installDisk: "/dev/nvme0n1",
  profileId: "amd",
  patch: " ",
};

test("what is sent is what was chosen, and nothing is sent while something is missing", () => {
  expect(adoptionOf(node, draft, cluster)).toEqual({
    ok: true,
    adoption: {
      nodeId: "node_1",
      clusterId: "c1",
      role: "controlplane",
      hostname: "gpu-09",
      installDisk: "/dev/nvme0n1",
      patches: [],
    },
  });
  expect(adoptionOf(node, draft, null)).toMatchObject({ ok: false, missing: "Choose a cluster." });
  expect(adoptionOf(node, { ...draft, hostname: " " }, cluster)).toMatchObject({ ok: false });
  expect(adoptionOf(node, { ...draft, installDisk: "" }, cluster)).toMatchObject({ ok: false });
});

test("the first machine of a cluster is a control plane unless a person says otherwise", () => {
  expect(roleFor(draft, cluster)).toBe("controlplane");
  expect(roleFor(draft, { ...cluster, controlPlanes: 1 })).toBe("worker");
  expect(roleFor({ ...draft, role: "worker" }, cluster)).toBe("worker");
});

test("only real disks, and only clusters whose secrets are held, are offered", () => {
  expect(installDisks(node).map(({ devPath }) => devPath)).toEqual(["/dev/nvme0n1"]);
  expect(openClusters([cluster, { ...cluster, secrets: "none" }])).toEqual([cluster]);
});

test("the profile starts from what is recorded, else from the suggestion, and is recorded only when it is new", () => {
  const recorded = { ...node, intent: { ...node.intent, profileIds: ["intel-xe"] } };
  const several = { ...node, intent: { ...node.intent, profileIds: ["intel-xe", "amd"] } };
  expect(firstProfile(node)).toBe("amd");
  expect(firstProfile(recorded)).toBe("intel-xe");
  expect(firstProfile(several)).toBe("");
  expect(firstProfile({ ...node, gpus: [] })).toBe("");
  expect(isNewProfile(node, "amd")).toBe(true);
  expect(isNewProfile(recorded, "intel-xe")).toBe(false);
  expect(isNewProfile(several, "amd")).toBe(true);
  expect(isNewProfile(several, "")).toBe(false);
});
