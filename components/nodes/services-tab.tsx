"use client";

import { Cog, RotateCw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import { paths } from "@/lib/core/paths";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeService } from "@/lib/inventory/schema";
import { allowsServiceAction } from "@/lib/inventory/service-actions";
import { RestartServiceDialog } from "./restart-service-dialog";
import { useThisNode } from "./this-node";

const transitional = new Set(["Preparing", "Waiting", "Initialized", "Starting", "Stopping"]);

function stateOf({ state, healthy }: NodeService): { tone: Tone; words: string } {
  if (state === "Failed") return { tone: "bad", words: "Failed" };
  if (state === "Running") {
    if (healthy === false) return { tone: "bad", words: "Running, not healthy" };
    return { tone: "ok", words: healthy ? "Running, healthy" : "Running" };
  }
  return { tone: transitional.has(state) ? "info" : "idle", words: state };
}

/** Talos' own services, each with its last word. */
export function ServicesTab() {
  const node = useThisNode();
  const [asked, setAsked] = useState<string | null>(null);
  const { clusters, loaded } = useClusters();
  const role = useRoleRefusal("operator");
  const can = nodeCan.restartService(node, clusters.find(({ id }) => id === node.clusterId) ?? null);
  const refusal = role ?? (can.ok || !loaded ? null : can.reason);
  if (node.services.length === 0) {
    return (
      <Card>
        <EmptyState icon={Cog} title="No services are known">
          {node.stage === "maintenance"
            ? "In maintenance mode Talos does not list its services."
            : "They are read from the node as soon as it can be reached."}
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card>
      <table className="w-full border-separate border-spacing-0">
        <caption className="sr-only">Services of {node.name}</caption>
        <thead className="text-left text-xs text-muted">
          <tr>
            <th scope="col" className="h-9 border-b px-3.5 font-medium">
              Service
            </th>
            <th scope="col" className="border-b px-2 font-medium">
              State
            </th>
            <th scope="col" className="hidden border-b px-2 font-medium md:table-cell">
              Last message
            </th>
            <th scope="col" className="hidden border-b px-2 font-medium sm:table-cell">
              Since
            </th>
            <th scope="col" className="border-b px-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {node.services.map((service) => {
            const { tone, words } = stateOf(service);
            return (
              <tr key={service.id} className="group h-9 hover:bg-hover">
                <th scope="row" className="border-b px-3.5 text-left font-medium group-last:border-b-0">
                  <Link
                    href={`${paths.node(node.id, "logs")}?service=${encodeURIComponent(service.id)}`}
                    className="hover:underline"
                  >
                    {service.id}
                  </Link>
                </th>
                <td className="border-b px-2 group-last:border-b-0">
                  <Status tone={tone} transitional={transitional.has(service.state)}>
                    {words}
                  </Status>
                  {(tone === "bad" || tone === "info") && service.lastMessage && (
                    <span className="block pb-1 text-xs wrap-anywhere text-muted md:hidden">{service.lastMessage}</span>
                  )}
                </td>
                <td
                  className="hidden max-w-0 truncate border-b px-2 text-muted group-last:border-b-0 md:table-cell md:w-1/2"
                  title={service.lastMessage}
                >
                  {service.lastMessage}
                </td>
                <td className="hidden border-b px-2 text-xs whitespace-nowrap text-muted group-last:border-b-0 sm:table-cell">
                  {service.lastChangeMs === null ? "not yet" : <RelativeTime atMs={service.lastChangeMs} />}
                </td>
                <td className="border-b px-2 text-right group-last:border-b-0">
                  {allowsServiceAction(service.id, "restart") && (
                    <Button
                      variant="ghost"
                      size="icon-sm"
                      aria-label={`Restart ${service.id}…`}
                      title={refusal ?? `Restart ${service.id}…`}
                      aria-disabled={refusal !== null}
                      onClick={() => refusal === null && setAsked(service.id)}
                    >
                      <RotateCw aria-hidden />
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {asked !== null && <RestartServiceDialog node={node} service={asked} onClose={() => setAsked(null)} />}
    </Card>
  );
}
