"use client";

import { Download } from "lucide-react";
import { parseAsString, useQueryState } from "nuqs";
import { useRoleRefusal } from "@/components/operation/role-context";
import { buttonClass } from "@/components/ui/button";
import { CommandLine } from "@/components/ui/command-line";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { nodeCan } from "@/lib/inventory/capabilities";
import { talosctlLine } from "@/lib/inventory/talosctl";
import { LogViewer } from "./log-viewer";
import { useThisNode } from "./this-node";

const kernel = "dmesg";

/** The log of one service, or the kernel's; which one stands in the URL. */
export function LogsTab() {
  const node = useThisNode();
  const [service, setService] = useQueryState("service", parseAsString.withDefault(kernel));
  const roleReason = useRoleRefusal("operator");
  const possible = nodeCan.readLogs(node, null);
  // A log may hold anything that a program wrote, secrets too.
  const can = roleReason === null ? possible : { ok: false as const, reason: roleReason };
  const options = [
    { value: kernel, label: "Kernel (dmesg)" },
    ...node.services.map(({ id }) => ({ value: id, label: id })),
    ...(service === kernel || node.services.some(({ id }) => id === service)
      ? []
      : [{ value: service, label: service }]),
  ];
  const base = `/api/nodes/${encodeURIComponent(node.id)}`;
  const url = service === kernel ? `${base}/dmesg` : `${base}/logs?service=${encodeURIComponent(service)}`;
  const command = talosctlLine(
    service === kernel ? { do: "dmesg", follow: true } : { do: "logs", service, follow: true },
    node.address,
  );
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label="Log of"
          options={options}
          value={service}
          onChange={(event) => void setService(event.target.value)}
          className="w-52"
        />
        {can.ok && (
          <a href={`${url}${url.includes("?") ? "&" : "?"}download=true`} className={buttonClass()} download>
            <Download aria-hidden />
            Download
          </a>
        )}
        <CommandLine lines={[command]} className="ml-auto max-w-full" />
      </div>
      {can.ok ? (
        <LogViewer key={url} url={url} label={`Log of ${service} on ${node.name}`} />
      ) : (
        <Notice
          tone={roleReason === null ? "warn" : "info"}
          title={
            roleReason === null ? "The log cannot be read now" : "Logs may hold secrets, so not every role reads them"
          }
        >
          {can.reason}
        </Notice>
      )}
    </div>
  );
}
