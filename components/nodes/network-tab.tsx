"use client";

import { CopyButton } from "@/components/ui/copy-button";
import { Panel } from "@/components/ui/card";
import { Status } from "@/components/ui/status";
import type { NodeView } from "@/lib/inventory/schema";
import { SimpleTable } from "./simple-table";
import { useThisNode } from "./this-node";

const speed = (megabits: number) => (megabits >= 1000 ? `${megabits / 1000}\u00a0Gbit/s` : `${megabits}\u00a0Mbit/s`);

const row = (link: NodeView["links"][number]) => ({
  key: link.name,
  cells: [
    <span key="n" className="font-medium">
      {link.name}
    </span>,
    <Status key="s" tone={link.up ? "ok" : "idle"}>
      {link.up ? "Up" : "Down"}
    </Status>,
    <span key="m" className="font-mono text-xs whitespace-nowrap">
      {link.hardwareAddress}
    </span>,
    <span key="p" className="whitespace-nowrap tabular">
      {link.speedMegabits === null ? <span className="text-faint">not known</span> : speed(link.speedMegabits)}
    </span>,
    <span key="t" className="tabular">
      {link.mtu}
    </span>,
    link.driver || (
      <span key="d" className="text-faint">
        none
      </span>
    ),
  ],
});
const head = ["Link", "State", "MAC", "Speed", "MTU", "Driver"] as const;

/** Addresses and links, the real ones first. */
export function NetworkTab() {
  const { addresses, links, name } = useThisNode();
  return (
    <div className="space-y-3.5">
      <Panel title="Addresses" aside={<span className="text-xs tabular">{addresses.length}</span>}>
        {addresses.length === 0 ? (
          <p className="text-muted">Not known: they were not read yet.</p>
        ) : (
          <ul className="flex flex-wrap gap-x-6 gap-y-1">
            {addresses.map((address) => (
              <li key={address} className="flex items-center gap-1 font-mono text-xs">
                {address}
                <CopyButton text={address} label={`Copy ${address}`} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <SimpleTable
        title="Physical links"
        caption={`Physical links of ${name}`}
        none="No physical link was seen."
        head={head}
        rows={links.filter(({ physical }) => physical).map(row)}
      />
      <SimpleTable
        title="Other links"
        caption={`Other links of ${name}`}
        none="No other link was seen."
        head={head}
        rows={links.filter(({ physical }) => !physical).map(row)}
      />
    </div>
  );
}
