/** What is to be said as a `talosctl` line. */
export type TalosctlRequest =
  | { do: "reboot"; mode: "default" | "powercycle" | "force" }
  | { do: "shutdown"; force: boolean }
  | { do: "reset"; graceful: boolean; reboot: boolean; wipe: "all" | "system-disk" | "user-disks" }
  | { do: "rollback" }
  | { do: "bootstrap" }
  | { do: "restart-service"; service: string }
  | { do: "apply-config"; mode: "auto" | "no-reboot" | "staged" | "try"; dryRun: boolean; fingerprint: string | null }
  | { do: "get-config" }
  | { do: "logs"; service: string; follow: boolean }
  | { do: "dmesg"; follow: boolean }
  | { do: "kubeconfig" }
  | { do: "etcd-snapshot"; file: string }
  | { do: "talosconfig"; role: string; hours: string; file: string }
  | { do: "pull-installer"; image: string }
  /** `drain` is null where talosctl is to do what it does by itself. */
  | { do: "upgrade"; image: string; drain: { skip: true } | { skip: false; timeoutMs: number } | null };

/** A word as a POSIX shell takes it literally. */
export const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const wipeModes = { all: "all", "system-disk": "system-disk", "user-disks": "user-disks" } as const;

function parts(request: TalosctlRequest): string[] {
  switch (request.do) {
    case "reboot":
      return ["reboot", ...(request.mode === "default" ? [] : ["--mode", request.mode])];
    case "shutdown":
      return ["shutdown", ...(request.force ? ["--force"] : [])];
    case "reset":
      return [
        "reset",
        `--graceful=${request.graceful}`,
        ...(request.reboot ? ["--reboot"] : []),
        ...(request.wipe === "all" ? [] : ["--wipe-mode", wipeModes[request.wipe]]),
      ];
    case "rollback":
      return ["rollback"];
    case "bootstrap":
      return ["bootstrap"];
    case "restart-service":
      return ["service", request.service, "restart"];
    case "apply-config":
      return [
        "apply-config",
        ...(request.fingerprint === null ? [] : ["--insecure", "--cert-fingerprint", request.fingerprint]),
        ...(request.mode === "auto" ? [] : ["--mode", request.mode]),
        ...(request.dryRun ? ["--dry-run"] : []),
        "--file",
        "machineconfig.yaml",
      ];
    case "get-config":
      return ["get", "machineconfig", "v1alpha1", "--output", "jsonpath={.spec}"];
    case "logs":
      return ["logs", request.service, ...(request.follow ? ["--follow"] : [])];
    case "dmesg":
      return ["dmesg", ...(request.follow ? ["--follow"] : [])];
    case "kubeconfig":
      return ["kubeconfig", "--merge=false", "./kubeconfig"];
    case "etcd-snapshot":
      return ["etcd", "snapshot", request.file];
    case "talosconfig":
      return ["config", "new", "--roles", request.role, "--crt-ttl", `${request.hours}h`, request.file];
    case "pull-installer":
      // The upgrade looks for it among Talos' own images; by default a pull is for those of Kubernetes.
      return ["image", "pull", request.image, "--namespace", "system"];
    case "upgrade":
      return ["upgrade", "--image", request.image, ...drainWords(request.drain)];
  }
}

function drainWords(drain: Extract<TalosctlRequest, { do: "upgrade" }>["drain"]): string[] {
  if (drain === null) return [];
  return drain.skip ? ["--drain=false"] : ["--drain-timeout", `${Math.ceil(drain.timeoutMs / 1000)}s`];
}

/** `host`, `host:port`, `::1` and `[::1]:port`; the port is null where it is Talos' own. */
function splitAddress(address: string): { host: string; port: string | null } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? [];
  return { host: bracketed ?? plain ?? address, port: port === undefined || port === "50000" ? null : port };
}

/**
 * How talosctl finds the node: `--nodes` is a host, which the endpoint dials on Talos' own port, so another port is the endpoint's.
 * A machine in maintenance mode is dialled itself (pkg/machinery/client options.go WithMaintenanceMode).
 */
function target(address: string, maintenance: boolean): string[] {
  const { host, port } = splitAddress(address);
  if (port === null) return ["--nodes", host];
  const dialled = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return maintenance ? ["--nodes", dialled] : ["--endpoints", dialled, "--nodes", host];
}

/** The `talosctl` line that does the same on the node at `address` (`host:port` or `host`). Pure; shown, never run. */
export function talosctlLine(request: TalosctlRequest, address: string): string {
  const maintenance = request.do === "apply-config" && request.fingerprint !== null;
  return ["talosctl", ...target(address, maintenance), ...parts(request)].map(shellWord).join(" ");
}

/** Takes the secrets out of a control plane's config; on the operator's own machine. */
export const secretsBundleLine =
  "talosctl gen secrets --from-controlplane-config controlplane.yaml --output-file secrets.yaml";
