import { expect, test } from "vitest";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { type AdoptDraft, adoptionOf } from "./adopt-draft";

const cluster = { id: "c1", controlPlanes: 1 } as ClusterView;
const draft: AdoptDraft = { clusterId: "c1", role: null, hostname: "w-02", installDisk: "", profileId: "", patch: "" };
const node = (platform: string): NodeView => ({ id: "n1", platform, hardware: null }) as NodeView;

test("a machine needs a disk to be installed to; a container has none and needs none", () => {
  expect(adoptionOf(node("metal"), draft, cluster)).toEqual({ ok: false, missing: expect.stringContaining("disk") });
  const container = adoptionOf(node("container"), { ...draft, installDisk: "/dev/sda" }, cluster);
  expect(container).toMatchObject({ ok: true, adoption: { hostname: "w-02" } });
  expect(container.ok && container.adoption.installDisk).toBeUndefined();
});
