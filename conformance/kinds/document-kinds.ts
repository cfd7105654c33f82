import type { ConfigParts } from "./config-parts";

type Members = Record<string, unknown>;

const provisioning = (parts: ConfigParts) => () =>
  parts.some({
    diskSelector: parts.gone(() => ({ match: parts.random.pick(["disk.size > 1u", "system_disk"]) })),
    minSize: parts.one("1GB", "2GB"),
    maxSize: parts.one("10GB", "20%", "30%"),
    grow: parts.truth,
  });

/** Members of each kind of document, as `talosctl` would be given them, beside `apiVersion` and `kind`. */
const kinds: Record<string, { since: number; members: (parts: ConfigParts) => Members }> = {
  HostnameConfig: {
    since: 12,
    members: (parts) =>
      parts.some({ auto: parts.gone(parts.one("stable", "off")), hostname: parts.gone(parts.text) }, 0.6),
  },
  KernelModuleConfig: {
    since: 14,
    members: (parts) => ({
      name: parts.random.pick(["nvidia", "xe"]),
      ...parts.some({ parameters: parts.gone(parts.texts) }, 0.7),
    }),
  },
  SysctlConfig: { since: 14, members: (parts) => ({ params: parts.textMap() }) },
  KubeletConfig: {
    since: 14,
    members: (parts) =>
      parts.some({
        image: parts.gone(parts.text),
        config: parts.gone(parts.anyMap),
        extraArgs: parts.gone(() => parts.some({ a: parts.gone(parts.one("1", ["x"])) })),
        defaultRuntimeSeccompProfileEnabled: parts.truth,
        clusterDNS: parts.gone(() => parts.list(() => "3.3.3.3")),
      }),
  },
  KubeNetworkConfig: {
    since: 14,
    members: (parts) =>
      parts.some({
        dnsDomain: parts.gone(parts.text),
        podSubnets: () => parts.list(parts.one("10.1.0.0/16", "10.2.0.0/16")),
        serviceSubnets: () => parts.list(() => "10.3.0.0/16"),
        nodeCIDRMaskSizeIPv4: parts.one(0, 24, 26),
      }),
  },
  KubeClusterConfig: {
    since: 14,
    members: (parts) =>
      parts.some({ clusterName: parts.text, endpoint: parts.one("https://a:6443/x", "https://b:6443") }, 0.6),
  },
  KubeNodeConfig: {
    since: 14,
    members: (parts) => parts.some({ labels: parts.gone(parts.textMap), taints: parts.gone(parts.textMap) }, 0.6),
  },
  KubeAuditPolicyConfig: { since: 14, members: (parts) => ({ configuration: parts.anyMap() }) },
  KubeAdmissionControlConfig: {
    since: 14,
    members: (parts) => ({ name: parts.random.pick(["PodSecurity", "x"]), configuration: parts.anyMap() }),
  },
  KubeSpanConfig: {
    since: 13,
    members: (parts) => parts.some({ enabled: parts.truth, mtu: parts.one(0, 1400) }, 0.6),
  },
  VolumeConfig: {
    since: 12,
    members: (parts) => ({
      name: parts.random.pick(["EPHEMERAL", "STATE"]),
      ...parts.some({ provisioning: parts.gone(provisioning(parts)) }, 0.6),
    }),
  },
  UserVolumeConfig: {
    since: 12,
    members: (parts) => ({
      name: parts.random.pick(["data", "x"]),
      ...parts.some(
        { provisioning: provisioning(parts), filesystem: () => ({ type: parts.random.pick(["xfs", "ext4"]) }) },
        0.6,
      ),
    }),
  },
  UnattendedInstallConfig: {
    since: 14,
    members: (parts) =>
      parts.some(
        {
          installer: () => parts.some({ image: parts.text }, 0.8),
          provisioning: () =>
            parts.some(
              {
                diskSelector: () => ({ match: parts.random.pick(["disk.size > 1u", "system_disk"]) }),
                wipe: parts.truth,
              },
              0.7,
            ),
        },
        0.6,
      ),
  },
  LinkConfig: {
    since: 12,
    members: (parts) => ({
      name: parts.random.pick(["eth0", "eth1"]),
      ...parts.some(
        {
          up: parts.truth,
          mtu: parts.one(0, 9000),
          addresses: parts.gone(() =>
            parts.list(parts.entry(() => ({ address: parts.random.pick(["10.0.0.1/24", "10.0.0.2/24"]) }))),
          ),
          routes: parts.gone(() =>
            parts.list(parts.entry(() => ({ gateway: parts.random.pick(["10.0.0.254", "10.0.0.253"]) }))),
          ),
        },
        0.6,
      ),
    }),
  },
  ResolverConfig: {
    since: 12,
    members: (parts) =>
      parts.some(
        {
          nameservers: parts.gone(() =>
            parts.list(parts.entry(() => ({ address: parts.random.pick(["1.1.1.1", "8.8.8.8"]) }))),
          ),
          // Until 1.13 the domains of a patch append; Ichor replaces them, as 1.14 does (docs/conformance.md).
          searchDomains: () =>
            parts.some({ ...(parts.minor >= 14 && { domains: parts.texts }), disableDefault: parts.truth }, 0.6),
        },
        0.6,
      ),
  },
  ExtensionServiceConfig: {
    since: 12,
    members: (parts) => ({
      name: parts.random.pick(["foo", "bar"]),
      ...parts.some(
        {
          configFiles: parts.gone(() =>
            parts.list(
              parts.entry(() => ({
                content: parts.random.pick(["h1", "h2"]),
                mountPath: parts.random.pick(["/etc/a", "/etc/b"]),
              })),
            ),
          ),
          environment: parts.gone(() => parts.list(parts.one("A=1", "B=2"))),
        },
        0.6,
      ),
    }),
  },
  NetworkRuleConfig: {
    since: 12,
    members: (parts) => ({
      name: "rule",
      portSelector: { ports: parts.list(parts.one(80, "90-95")), protocol: "tcp" },
      ingress: parts.list(() => ({ subnet: parts.random.pick(["10.0.0.0/8", "11.0.0.0/8"]) })),
    }),
  },
  RegistryMirrorConfig: {
    since: 12,
    members: (parts) => ({
      name: parts.random.pick(["ghcr.io", "docker.io"]),
      ...parts.some(
        {
          endpoints: parts.gone(() =>
            parts.list(parts.entry(() => ({ url: parts.random.pick(["https://m1", "https://m2"]) }))),
          ),
          skipFallback: parts.truth,
        },
        0.6,
      ),
    }),
  },
  SideroLinkConfig: {
    since: 12,
    members: (parts) => ({ apiUrl: parts.random.pick(["https://a/join?jointoken=x", "https://b/", "https://c:1"]) }),
  },
  EnvironmentConfig: { since: 13, members: (parts) => ({ variables: parts.textMap() }) },
  ImageVerificationConfig: {
    since: 13,
    members: (parts) =>
      parts.some(
        {
          rules: () =>
            parts.list(() => ({
              image: parts.random.pick(["a/*", "b"]),
              ...parts.some({ skip: parts.truth, deny: parts.truth }),
            })),
        },
        0.8,
      ),
  },
};

/** A random document other than v1alpha1, of a kind that the release knows; a patch may delete the whole of it. */
export function otherDocument(parts: ConfigParts): Members {
  const known = Object.entries(kinds).filter(([, { since }]) => since <= parts.minor);
  const [kind, { members }] = parts.random.pick(known);
  const head = { apiVersion: "v1alpha1", kind };
  const made = members(parts);
  if (!parts.patching || !parts.random.chance(0.08)) return { ...head, ...made };
  return { ...head, ...(made.name !== undefined && { name: made.name }), $patch: "delete" };
}
