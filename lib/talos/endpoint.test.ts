import { describe, expect, test } from "vitest";
import { readTalosEndpoint } from "@/lib/talos/endpoint";

const read = (text: string) => readTalosEndpoint(text, "Context “home”: the endpoint");

test.each([
  ["10.5.0.2", "10.5.0.2"],
  ["10.5.0.2:50001", "10.5.0.2:50001"],
  ["fd00::2", "fd00::2"],
  ["cluster-endpoint.lan", "cluster-endpoint.lan"],
  ["talos-vip", "talos-vip"],
  ["https://omni.example", "omni.example:443"],
  ["https://omni.example/", "omni.example:443"],
  ["https://10.5.0.2:50000", "10.5.0.2:50000"],
])("%s is read as talosctl reads it", (text, address) => {
  expect(read(text)).toBe(address);
});

describe("what cannot be an endpoint is refused by its cause", () => {
  test.each([
    "https://192.0.2.10:6443",
    "192.0.2.10:6443",
    "http://k8s.lan:6443",
    "https://[fd00::2]:6443/",
    "[fd00::2]:6443",
  ])("%s is the Kubernetes API's", (text) => {
    expect(() => read(text)).toThrow(
      /is the address of the Kubernetes API \(port 6443\)\. Endpoints of a talosconfig are addresses of control planes, without a scheme; Talos listens on 50000\.$/,
    );
  });
  test.each(["http://10.5.0.2", "grpc://10.5.0.2:50000", "tcp://10.5.0.2"])("%s has a scheme", (text) => {
    expect(() => read(text)).toThrow(/has the scheme .+:\/\/, which Talos does not speak\.$/);
  });
  test.each(["x.x.x.x", "192.168.1.x", "YOUR_IP", "your-control-plane", "CHANGEME", "CONTROL_PLANE_IP:50000", "..."])(
    "%s is a placeholder",
    (text) => {
      expect(() => read(text)).toThrow(/is a placeholder, not the address of a machine\.$/);
    },
  );
  test.each([
    ["10.0.0.5:7445", "KubePrism"],
    ["https://10.0.0.5:2379", "etcd"],
    ["10.0.0.5:2380", "etcd"],
    ["10.0.0.5:10250", "the kubelet"],
  ])("%s is where %s listens, not Talos", (text, what) => {
    expect(() => readTalosEndpoint(text, "The endpoint")).toThrow(`is the address of ${what} (port`);
  });

  test.each(["${CP_IP}", "{{ cp }}", "<control-plane-ip>", "op://talos/cp/ip", "https://$CLUSTER_VIP:6443"])(
    "%s was not filled in",
    (text) => {
      expect(() => read(text)).toThrow(/was not (filled in|rendered|replaced|resolved)/);
    },
  );
  test.each(["", "a b", "10.5.0.2:99999", "256.1.1.1"])("%j is no address", (text) => {
    expect(() => read(text)).toThrow(/is not a machine address/);
  });
});
