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
  | { do: "get-hardware" };

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
      return ["get", "machineconfig", "v1alpha1", "-o", "jsonpath={.spec}"];
    case "logs":
      return ["logs", request.service, ...(request.follow ? ["--follow"] : [])];
    case "dmesg":
      return ["dmesg", ...(request.follow ? ["--follow"] : [])];
    case "kubeconfig":
      return ["kubeconfig", "--merge=false", "./kubeconfig"];
    case "etcd-snapshot":
      return ["etcd", "snapshot", request.file];
    case "get-hardware":
      return ["get", "pcidevices", "--insecure"];
  }
}

/** The `talosctl` line that does the same on the node at `address` (`host:port` or `host`). Pure; shown, never run. */
export function talosctlLine(request: TalosctlRequest, address: string): string {
  const host = address.replace(/:50000$/, "");
  return ["talosctl", "--nodes", host, ...parts(request)].map(shellWord).join(" ");
}
