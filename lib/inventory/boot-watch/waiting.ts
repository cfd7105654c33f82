import type { NodeService } from "../schema";

/** States of a service for which a boot does not wait any more (Talos StartAllServices waits for up or finished). */
const settledStates = new Set(["Running", "Finished", "Skipped"]);

/** Services that have not come up, with what they wait for in Talos' own words. */
export const waitingServices = (services: readonly NodeService[]): { id: string; state: string; message: string }[] =>
  services
    .filter(({ state, healthy }) => !settledStates.has(state) || (state === "Running" && healthy === false))
    .map(({ id, state, lastMessage }) => ({ id, state, message: lastMessage }));
