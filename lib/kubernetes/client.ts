import {
  CoreV1Api,
  PolicyV1Api,
  type RequestContext,
  type ResponseContext,
  ServerConfiguration,
  createConfiguration,
} from "@kubernetes/client-node";
import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import { machineRule } from "@/lib/core/dial/address-rule";
import { httpsAgent } from "@/lib/core/dial/connect";
import { cappedHttp } from "./capped-http";
import { kubernetesError } from "./errors";
import { parseKubeconfig } from "./kubeconfig";

export type KubernetesApis = { core: CoreV1Api; policy: PolicyV1Api };

/** A connection to one cluster's Kubernetes API. */
export type KubernetesClient = {
  /** `https://host:port` */
  server: string;
  /**
   * Makes one call. `doing` completes "Kubernetes could not …".
   * @throws AppError `unavailable`, `refused` (HTTP 401, 403), `not-found` or `conflict`; the signal's reason when it was aborted.
   */
  call<T>(doing: string, run: (apis: KubernetesApis) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
};

/**
 * Opens a client for the kubeconfig's current context. Nothing ambient is used: no files, environment or helper programs.
 * @throws AppError `invalid-input` for a kubeconfig that cannot be used.
 */
export function openKubernetes(
  kubeconfigYaml: string,
  { timeoutMs = kubernetesCaps.answerMs }: { timeoutMs?: number } = {},
): KubernetesClient {
  const credentials = parseKubeconfig(kubeconfigYaml);
  const agent = httpsAgent(machineRule, {
    origin: new URL(credentials.server).origin,
    keepAlive: true,
    maxSockets: 8,
    ca: credentials.caPem,
    // An environment variable must never be able to switch the check off.
    rejectUnauthorized: true,
    ...(credentials.certificatePem && credentials.keyPem
      ? { cert: credentials.certificatePem, key: credentials.keyPem }
      : {}),
    ...(credentials.serverName ? { servername: credentials.serverName } : {}),
  });

  const apisFor = (signal: AbortSignal): KubernetesApis => {
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(credentials.server, {}),
      httpApi: cappedHttp(agent),
      authMethods: {
        default: {
          getName: () => "kubeconfig",
          applySecurityAuthentication: (request: RequestContext) => {
            request.setSignal(signal);
            if (credentials.token) request.setHeaderParam("Authorization", `Bearer ${credentials.token}`);
          },
        },
      },
      promiseMiddleware: [
        {
          pre: async (request: RequestContext) => {
            // The generated client would send JSON Patch; ours are merges, like kubectl's.
            if (String(request.getHttpMethod()) === "PATCH") {
              request.setHeaderParam("Content-Type", "application/strategic-merge-patch+json");
            }
            return request;
          },
          post: async (response: ResponseContext) => response,
        },
      ],
    });
    return { core: new CoreV1Api(configuration), policy: new PolicyV1Api(configuration) };
  };

  return {
    server: credentials.server,
    async call(doing, run, signal) {
      signal?.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
      try {
        return await run(apisFor(both));
      } catch (error) {
        signal?.throwIfAborted();
        throw kubernetesError(error, doing, timeout.aborted);
      }
    },
    close: () => agent.destroy(),
  };
}
