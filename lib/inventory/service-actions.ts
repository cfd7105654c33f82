/** What the API may be asked to do with a service. */
export type ServiceAction = "start" | "stop" | "restart";

const extensionService = /^ext-/;

/**
 * Does Talos start, stop or restart this service for a client? Services of extensions: anything; the kubelet: start and restart; no other
 * one. The same in 1.9 to 1.14 (`APIStartAllowed`, `APIStopAllowed`, `APIRestartAllowed` in `internal/app/machined/pkg/system/services`,
 * read at v1.9.6, v1.10.5, v1.11.5, v1.12.0, v1.13.0 and v1.14.0-rc.1). A service that does not run is started by a restart.
 */
export const allowsServiceAction = (service: string, action: ServiceAction): boolean =>
  extensionService.test(service) || (service === "kubelet" && action !== "stop");

/** Why a service has no restart; null where it has one. */
export const restartRefusal = (service: string): string | null =>
  allowsServiceAction(service, "restart")
    ? null
    : `Talos does not restart ${service} by its API: only the kubelet and the services of extensions (ext-…).`;
