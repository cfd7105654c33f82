import "server-only";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import type { MachineConfigDocument } from "@/lib/machine-config/documents";
import type { MachineRole } from "@/lib/machine-config/schema";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import { resourceDefs } from "@/lib/talos/resources";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import { withPort } from "../scan-range";
import { diskIssues, type ReadDisk } from "./disk-issues";
import { networkIssues, type OtherNode } from "./network-issues";

const readMs = 5_000;

/** The machine's disks as it tells them now; null where it does not. */
async function readDisks(nodeId: string): Promise<ReadDisk[] | null> {
  const signal = AbortSignal.timeout(readMs);
  try {
    return await withNodeClient(
      nodeId,
      "reader",
      (client) => client.listResources(resourceDefs.disk, { signal, deadlineMs: readMs }),
      { signal },
    );
  } catch (error) {
    // Whatever it is, the config can be previewed without; the issue says so.
    if (!(error instanceof AppError) && !(error instanceof Error)) throw error;
    log.debug("The disks of a waiting machine could not be read.", { nodeId, reason: error.message });
    return null;
  }
}

/** Host names count in the machine's cluster alone, addresses everywhere: each was reached from here. */
function otherNodes(nodeId: string, clusterId: string): OtherNode[] {
  return fleet()
    .views()
    .filter((view) => view.id !== nodeId)
    .map((view) => {
      const host = view.address === "" ? [] : [withPort(view.address).host];
      const own = view.clusterId === clusterId ? view.addresses.map((address) => address.split("/")[0] ?? "") : [];
      return {
        name: view.name,
        hostname: view.clusterId === clusterId ? (view.nodename ?? view.name) : null,
        addresses: [...new Set([...host, ...own])].map((address) => address.toLowerCase()),
        reachable: view.reachability.state === "reachable",
      };
    });
}

function hostOf(endpoint: string): string | null {
  return URL.canParse(endpoint) ? new URL(endpoint).hostname.replace(/^\[|\]$/g, "").toLowerCase() : null;
}

/** What is known of a machine and of the nodes around it that speaks against its first config. */
export async function machineIssues(
  { nodeId, clusterId, role }: { nodeId: string; clusterId: string; role: MachineRole },
  documents: readonly MachineConfigDocument[],
): Promise<ConfigIssue[]> {
  const cluster = fleet().cluster(clusterId);
  // A container installs nothing.
  const installs = fleet().state(nodeId)?.facts.platform !== "container";
  return [
    ...(installs ? diskIssues(documents, await readDisks(nodeId)) : []),
    ...networkIssues(documents, {
      role,
      clusterName: cluster?.name ?? "The cluster",
      endpointHost: hostOf(cluster?.endpoint ?? ""),
      others: otherNodes(nodeId, clusterId),
    }),
  ];
}
