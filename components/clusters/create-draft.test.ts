import { expect, test } from "vitest";
import { clusterInput } from "@/lib/machine-config/schema";
import { createInputOf, emptyDraft } from "./create-draft";

test("the form's values are what the operation takes", () => {
  const draft = { ...emptyDraft, name: " lab ", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.36.3" };
  const { cluster } = createInputOf({ ...draft, podSubnets: "10.1.0.0/16, fd00::/56" });
  expect(clusterInput.parse(cluster)).toMatchObject({
    name: "lab",
    podSubnets: ["10.1.0.0/16", "fd00::/56"],
    serviceSubnets: ["10.96.0.0/12"],
    cni: { kind: "flannel" },
  });
});
