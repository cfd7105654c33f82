import "server-only";
import { X509Certificate } from "node:crypto";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { SingleFlight } from "@/lib/core/single-flight";
import { withTransaction } from "@/lib/db/transaction";
import { type KubernetesClient, openKubernetes } from "@/lib/kubernetes/client";
import { KubeconfigRefused } from "@/lib/kubernetes/errors";
import { parseKubeconfig } from "@/lib/kubernetes/kubeconfig";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import { putClusterSecret, readClusterSecret } from "./cluster-secrets";
import { type AccessRole, credentialsFor } from "./credentials";
import { certificateFromControlPlane, controlPlaneAddresses, type Dialled, dialNode } from "./dial";
import { loadNodes } from "./node-records";

type Options = { signal?: AbortSignal | undefined };

/**
 * A connection to a node for one server-side step; the caller closes it. Admin credentials live only as long as it does.
 * @throws AppError `not-found`, `refused` (no address, no sufficient credentials); TalosError when it cannot be reached.
 */
export async function dialNodeById(nodeId: string, role: AccessRole, options: Options = {}): Promise<Dialled> {
  const [node] = await loadNodes([nodeId]);
  if (!node) throw new AppError("not-found", "This node is not (or no longer) there.");
  const { address, clusterId } = node.record;
  if (address === null) throw new AppError("refused", "The machine was only registered: it has never been seen.");
  return dialNode({ nodeId, address, clusterId }, role, options);
}

/** As `dialNodeById`, only the client. */
export const openNodeClient = async (nodeId: string, role: AccessRole, options: Options = {}): Promise<TalosClient> =>
  (await dialNodeById(nodeId, role, options)).client;

/** Opens a node's client, does the work, and closes it whatever happens. */
export async function withNodeClient<T>(
  nodeId: string,
  role: AccessRole,
  work: (client: TalosClient) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const client = await openNodeClient(nodeId, role, options);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Does the work on the first control plane of a cluster that can be reached. @throws the last failure when none can. */
export async function withControlPlane<T>(
  clusterId: string,
  role: AccessRole,
  work: (client: TalosClient) => Promise<T>,
  { signal }: Options = {},
): Promise<T> {
  const { credentials } = await credentialsFor(clusterId, role, certificateFromControlPlane, signal);
  let failure: unknown = new AppError("unavailable", "No control plane of this cluster is known.");
  for (const address of await controlPlaneAddresses(clusterId)) {
    const client = openTalosClient({ address, credentials, step: role !== "reader" });
    try {
      await client.version({ deadlineMs: 6_000, ...(signal && { signal }) });
    } catch (error) {
      failure = error;
      client.close();
      continue;
    }
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }
  throw failure;
}

const dayMs = 24 * 3_600_000;

/** Each kubeconfig holds a new administrator's certificate: who asks at once gets the same one. */
const kubeconfigs = new SingleFlight<string>();

/** When the client certificate in a kubeconfig ends; null where it holds a token instead. */
function expiryOf(yaml: string): number | null {
  const { certificatePem } = parseKubeconfig(yaml);
  return certificatePem === null ? null : Date.parse(new X509Certificate(certificatePem).validTo);
}

/**
 * The cluster's admin kubeconfig (YAML): the sealed copy, else fetched from a control plane (Talos role os:admin) and
 * sealed. Secret: never to a browser but by `cluster.download-kubeconfig`.
 */
export async function kubeconfigFor(clusterId: string, options: Options = {}): Promise<string> {
  options.signal?.throwIfAborted();
  return kubeconfigs.run(clusterId, () => findKubeconfig(clusterId));
}

/** Forgets a kubeconfig that the cluster does not take any more, unless there is another by now: the next that is asked for is new. */
async function forgetKubeconfig(clusterId: string, refused: string): Promise<void> {
  const held = await readClusterSecret(clusterId, "kubeconfig");
  if (held?.plaintext !== refused) return;
  await withTransaction((tx) => tx.clusterSecret.deleteMany({ where: { clusterId, kind: "kubeconfig" } }));
}

/**
 * The Kubernetes API of a cluster, through its kubeconfig; the caller closes it. One that is refused (HTTP 401) is forgotten, so that
 * another attempt has a new one.
 * @throws AppError where there is no kubeconfig, or it cannot be used
 */
export async function openClusterKubernetes(clusterId: string, options: Options = {}): Promise<KubernetesClient> {
  const kubeconfig = await kubeconfigFor(clusterId, options);
  const client = openKubernetes(kubeconfig);
  return {
    ...client,
    async call(doing, run, signal) {
      try {
        return await client.call(doing, run, signal);
      } catch (error) {
        if (error instanceof KubeconfigRefused) {
          await forgetKubeconfig(clusterId, kubeconfig).catch((failure: unknown) => {
            if (!(failure instanceof StorageUnavailable)) throw failure;
          });
        }
        throw error;
      }
    },
  };
}

async function findKubeconfig(clusterId: string): Promise<string> {
  const held = await readClusterSecret(clusterId, "kubeconfig");
  if (held && (held.notAfterMs === null || held.notAfterMs - Date.now() > dayMs)) return held.plaintext;
  const plaintext = await withControlPlane(clusterId, "admin", (client) => client.kubeconfig());
  const notAfterMs = expiryOf(plaintext);
  await withTransaction((tx) =>
    putClusterSecret(tx, clusterId, "kubeconfig", { plaintext, role: "system:masters", notAfterMs }),
  ).catch((error: unknown) => {
    if (!(error instanceof StorageUnavailable)) throw error;
    log.warn("A kubeconfig could not be stored, and is fetched again when it is needed", { reason: error.message });
  });
  return plaintext;
}
