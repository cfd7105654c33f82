"use client";

import { Cpu } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Card, Panel } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { Disclosure } from "@/components/ui/disclosure";
import { KeyValues } from "@/components/ui/key-values";
import { EmptyState } from "@/components/ui/states";
import { countOf, formatBytes } from "@/lib/core/units";
import { SimpleTable } from "./simple-table";
import { useThisNode } from "./this-node";

/** What the machine is made of, as it says itself. */
export function HardwareTab() {
  const { hardware, kernelCmdline, extensions, kernelModules, name, bootId, platform } = useThisNode();
  if (!hardware) {
    return (
      <Card>
        <EmptyState icon={Cpu} title="The hardware is not known yet">
          It is read from the node as soon as it can be reached, also in maintenance mode.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="grid items-start gap-3.5 lg:grid-cols-2">
      <Panel title="Machine" bodyClassName="">
        <KeyValues
          items={[
            { label: "Manufacturer", value: hardware.manufacturer || null },
            { label: "Product", value: hardware.productName || null },
            { label: "Serial number", value: hardware.serialNumber || null, mono: true, copy: hardware.serialNumber },
            { label: "UUID", value: hardware.uuid, mono: true, copy: hardware.uuid },
            { label: "BIOS", value: hardware.biosVersion || null },
            { label: "Platform", value: platform },
            { label: "Memory", value: hardware.memoryBytes === null ? null : formatBytes(hardware.memoryBytes) },
            ...hardware.processors.map((processor, index) => ({
              label: hardware.processors.length === 1 ? "Processor" : `Processor ${index + 1}`,
              value: `${processor.name}, ${processor.cores} cores, ${processor.threads} threads`,
            })),
            { label: "Boot ID", value: bootId, mono: true, copy: bootId },
          ]}
        />
      </Panel>
      <div className="min-w-0 space-y-3.5">
        <SimpleTable
          title="Disks"
          caption={`Disks of ${name}`}
          none="No disk was seen."
          head={["Device", "Size", "Model", "Bus"]}
          rows={hardware.disks.map((disk) => ({
            key: disk.id,
            cells: [
              <span key="d" className="flex flex-wrap items-center gap-1.5 font-mono text-xs">
                {disk.devPath}
                {disk.system && <Badge>system</Badge>}
              </span>,
              <span key="s" className="whitespace-nowrap tabular">
                {formatBytes(disk.sizeBytes)}
              </span>,
              disk.model,
              disk.transport,
            ],
          }))}
        />
        <SimpleTable
          title="System extensions"
          caption={`System extensions of ${name}`}
          none="None is loaded."
          head={["Extension", "Version"]}
          rows={extensions.map((extension) => ({
            key: extension.name,
            cells: [
              extension.name,
              <span key="v" className="font-mono text-xs">
                {extension.version}
              </span>,
            ],
          }))}
        />
      </div>
      <SimpleTable
        className="lg:col-span-2"
        title="PCI devices"
        caption={`PCI devices of ${name}`}
        none="No PCI device was seen."
        head={["Address", "Device", "IDs", "Driver"]}
        rows={hardware.pciDevices.map((device) => ({
          key: device.id,
          cells: [
            <span key="a" className="font-mono text-xs">
              {device.id}
            </span>,
            <span key="d" className="block min-w-44">
              {`${device.vendor} ${device.product}`.trim()}
            </span>,
            <span key="i" className="font-mono text-xs">
              {device.ids}
            </span>,
            device.driver || (
              <span key="n" className="text-faint">
                none
              </span>
            ),
          ],
        }))}
      />
      <Panel title="Kernel" className="lg:col-span-2">
        <div className="space-y-3">
          <CodeBlock
            label="kernel command line"
            text={kernelCmdline ?? "not known"}
            className="whitespace-pre-wrap wrap-anywhere"
          />
          {kernelModules && kernelModules.length > 0 && (
            <Disclosure label={`${countOf(kernelModules.length, "kernel module")} live`}>
              <p className="mt-1 font-mono text-xs wrap-anywhere text-muted">{kernelModules.join(" ")}</p>
            </Disclosure>
          )}
        </div>
      </Panel>
    </div>
  );
}
