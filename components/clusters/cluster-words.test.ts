import { expect, test } from "vitest";
import type { ClusterView } from "@/lib/inventory/schema";
import { clusterStatus, credentialRefusal, expiryTone } from "./cluster-words";

const cluster: ClusterView = {
  id: "c1",
  name: "forge",
  endpoint: "https://10.0.0.1:6443",
  controlPlanes: 1,
  workers: 1,
  talosClusterId: null,
  contract: null,
  kubernetesVersion: null,
  secrets: "none",
  credentialRole: "os:reader",
  credentialExpiresMs: null,
  bootstrapped: null,
  createdAtMs: 0,
};
const row = { cluster, nodes: 2, ready: 2, troubled: 0, gpus: 0, waits: false, kubernetes: null };

test("credentials come from the cluster's authority or from an admin certificate, and from nothing less", () => {
  expect(credentialRefusal(cluster)).toContain("only os:reader is held");
  expect(credentialRefusal({ ...cluster, credentialRole: "" })).toContain("only nothing is held");
  expect(credentialRefusal({ ...cluster, credentialRole: "os:reader, os:admin" })).toBeNull();
  expect(credentialRefusal({ ...cluster, secrets: "imported" })).toBeNull();
});

test("a certificate warns before it ends", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  const day = 86_400_000;
  expect(expiryTone(null, nowMs)).toBe("idle");
  expect(expiryTone(nowMs, nowMs)).toBe("bad");
  expect(expiryTone(nowMs + 29 * day, nowMs)).toBe("warn");
  expect(expiryTone(nowMs + 31 * day, nowMs)).toBe("ok");
});

test("a cluster says what is not well with it", () => {
  expect(clusterStatus(row)).toEqual({ tone: "ok", words: "All nodes ready" });
  expect(clusterStatus({ ...row, troubled: 1 })).toEqual({
    tone: "warn",
    words: "All nodes ready",
    reason: "1 needs attention",
  });
  expect(clusterStatus({ ...row, ready: 1 })).toEqual({ tone: "warn", words: "1 of 2 nodes ready" });
  expect(clusterStatus({ ...row, ready: 0 }).tone).toBe("bad");
  expect(clusterStatus({ ...row, nodes: 0, ready: 0 }).words).toBe("No machines yet");
  expect(clusterStatus({ ...row, waits: true }).words).toBe("Not bootstrapped yet");
});
