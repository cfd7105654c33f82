import type { ConfigParts } from "./config-parts";

function networkInterface(parts: ConfigParts): Record<string, unknown> {
  const { random } = parts;
  const which = random.chance(0.7)
    ? { interface: random.pick(["eth0", "eth1"]) }
    : {
        deviceSelector: parts.some({ driver: parts.one("d1", "d2"), busPath: () => "0*", physical: parts.truth }, 0.6),
      };
  const vlan = () => ({
    vlanId: random.pick([1, 2]),
    ...parts.some({ dhcp: parts.truth, addresses: () => parts.list(() => "10.2.0.1/24") }),
  });
  return {
    ...which,
    ...parts.some(
      {
        addresses: parts.gone(() => parts.list(parts.one("10.0.0.1/24", "10.0.0.2/24"))),
        dhcp: parts.gone(parts.truth),
        mtu: parts.one(0, 1500, 9000),
        routes: parts.gone(() =>
          parts.list(() => ({ network: random.pick(["0.0.0.0/0", "10.1.0.0/16"]), gateway: "10.0.0.254" })),
        ),
        vlans: parts.gone(() => parts.list(parts.entry(vlan))),
        vip: parts.gone(() => ({ ip: random.pick(["10.9.9.9", "10.9.9.8"]) })),
      },
      parts.density,
    ),
  };
}

const argument = (parts: ConfigParts) => parts.gone(parts.one("1", "", ["x", "y"]));
const extraArgs = (parts: ConfigParts) =>
  parts.gone(() => parts.some({ a: argument(parts), b: parts.gone(parts.text) }));

function kubelet(parts: ConfigParts): Record<string, unknown> {
  const mount = () => ({
    destination: parts.random.pick(["/a", "/b"]),
    type: "bind",
    source: "/s",
    options: ["rshared"],
  });
  return parts.some(
    {
      image: parts.gone(parts.text),
      extraArgs: extraArgs(parts),
      extraConfig: parts.gone(parts.anyMap),
      nodeIP: parts.gone(() => ({ validSubnets: parts.list(() => "10.0.0.0/8") })),
      disableManifestsDirectory: parts.truth,
      extraMounts: parts.gone(() => parts.list(parts.entry(mount))),
    },
    parts.density,
  );
}

function machineNetwork(parts: ConfigParts): Record<string, unknown> {
  const host = () => ({ ip: parts.random.pick(["1.1.1.1", "2.2.2.2"]), aliases: ["z"] });
  return parts.some(
    {
      hostname: parts.gone(parts.text),
      interfaces: parts.gone(() =>
        parts.list(
          parts.entry(() => networkInterface(parts)),
          3,
        ),
      ),
      nameservers: parts.gone(() => parts.list(() => "1.1.1.1")),
      extraHostEntries: parts.gone(() => parts.list(parts.entry(host))),
      kubespan: parts.gone(() => parts.some({ enabled: parts.truth, mtu: parts.one(0, 1400) }, 0.6)),
    },
    parts.density,
  );
}

function registries(parts: ConfigParts): Record<string, unknown> {
  const mirror = () => ({
    endpoints: parts.list(parts.one("https://m1", "https://m2")),
    ...parts.some({ overridePath: parts.truth }),
  });
  return parts.some(
    {
      mirrors: parts.gone(() =>
        parts.some(
          { "docker.io": parts.gone(mirror), "ghcr.io": parts.gone(() => ({ endpoints: ["https://m3"] })) },
          0.6,
        ),
      ),
      config: parts.gone(() =>
        parts.some({ "docker.io": parts.gone(() => ({ tls: { insecureSkipVerify: parts.truth() } })) }),
      ),
    },
    0.6,
  );
}

function machine(parts: ConfigParts): Record<string, unknown> {
  const { random } = parts;
  const kernelModule = () => ({ name: random.pick(["nvidia", "xe"]), parameters: parts.texts() });
  const file = () => ({ content: "c", permissions: 420, path: random.pick(["/var/a", "/var/b"]), op: "create" });
  return parts.some(
    {
      type: parts.one("worker", "controlplane"),
      token: parts.text,
      certSANs: parts.gone(parts.texts),
      kubelet: parts.gone(() => kubelet(parts)),
      network: parts.gone(() => machineNetwork(parts)),
      install: parts.gone(() =>
        parts.some(
          {
            disk: parts.gone(parts.text),
            image: parts.gone(parts.text),
            wipe: parts.truth,
            extraKernelArgs: parts.gone(parts.texts),
            diskSelector: parts.gone(() => parts.some({ model: parts.text, serial: parts.text })),
          },
          parts.density,
        ),
      ),
      sysctls: parts.gone(parts.textMap),
      nodeLabels: parts.gone(parts.textMap),
      env: parts.gone(parts.textMap),
      features: parts.gone(() =>
        parts.some(
          {
            rbac: parts.truth,
            kubePrism: parts.gone(() => parts.some({ enabled: parts.truth, port: parts.one(0, 7445, 7446) }, 0.7)),
            hostDNS: parts.gone(() => parts.some({ enabled: parts.truth }, 0.7)),
          },
          parts.density,
        ),
      ),
      kernel: parts.gone(() => ({ modules: parts.list(parts.entry(kernelModule)) })),
      files: parts.gone(() => parts.list(parts.entry(file))),
      logging: parts.gone(() => ({
        destinations: parts.list(() => ({ endpoint: "tcp://1.2.3.4:5/", format: "json_lines" })),
      })),
      registries: parts.gone(() => registries(parts)),
    },
    parts.density,
  );
}

function apiServer(parts: ConfigParts): Record<string, unknown> {
  const { random } = parts;
  const plugin = () => ({ name: random.pick(["PodSecurity", "Other"]), configuration: parts.anyMap() });
  const volume = () => ({
    hostPath: random.pick(["/h", "/i"]),
    mountPath: "/m",
    ...parts.some({ readonly: parts.truth }),
  });
  return parts.some(
    {
      image: parts.gone(parts.text),
      certSANs: parts.gone(parts.texts),
      extraArgs: extraArgs(parts),
      admissionControl: parts.gone(() => parts.list(parts.entry(plugin))),
      auditPolicy: parts.gone(parts.anyMap),
      env: parts.gone(parts.textMap),
      extraVolumes: parts.gone(() => parts.list(parts.entry(volume))),
      resources: parts.gone(() => parts.some({ requests: () => parts.some({ cpu: () => 1, memory: () => "1Gi" }) })),
    },
    parts.density,
  );
}

function cluster(parts: ConfigParts): Record<string, unknown> {
  const { random } = parts;
  const manifest = () => ({ name: random.pick(["m1", "m2"]), contents: random.pick(["\n\na: 1\n", "b: 2\n"]) });
  return parts.some(
    {
      id: parts.text,
      clusterName: parts.text,
      controlPlane: parts.gone(() =>
        parts.some(
          {
            endpoint: parts.one("https://a:6443", "https://b", "https://c:1/path", "https://d:6443/?q=1"),
            localAPIServerPort: parts.one(0, 6443),
          },
          0.7,
        ),
      ),
      network: parts.gone(() =>
        parts.some(
          {
            cni: parts.gone(() =>
              parts.some({ name: parts.one("none", "custom"), urls: () => parts.list(() => "https://u") }, 0.7),
            ),
            dnsDomain: parts.gone(parts.text),
            podSubnets: parts.gone(() => parts.list(parts.one("10.1.0.0/16", "10.2.0.0/16"))),
            serviceSubnets: parts.gone(() => parts.list(() => "10.3.0.0/16")),
          },
          parts.density,
        ),
      ),
      apiServer: parts.gone(() => apiServer(parts)),
      scheduler: parts.gone(() => parts.some({ config: parts.gone(parts.anyMap), env: parts.gone(parts.textMap) })),
      discovery: parts.gone(() =>
        parts.some({
          enabled: parts.truth,
          registries: parts.gone(() =>
            parts.some({
              kubernetes: () => ({ disabled: parts.truth() }),
              service: () => ({ endpoint: parts.text() }),
            }),
          ),
        }),
      ),
      etcd: parts.gone(() =>
        parts.some({ image: parts.text, advertisedSubnets: () => parts.list(() => "10.0.0.0/8") }),
      ),
      extraManifests: parts.gone(() => parts.list(parts.one("https://m/a", "https://m/b"))),
      inlineManifests: parts.gone(() => parts.list(parts.entry(manifest))),
      allowSchedulingOnControlPlanes: parts.truth,
    },
    parts.density,
  );
}

/** A random v1alpha1 document. */
export const legacyDocument = (parts: ConfigParts): Record<string, unknown> => ({
  version: "v1alpha1",
  ...parts.some({ debug: parts.truth, machine: () => machine(parts), cluster: () => cluster(parts) }, 0.8),
});
