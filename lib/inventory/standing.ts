import type { TalosClient } from "@/lib/talos/client";

const standingKey = Symbol.for("ichor.standing-connections");
const standing = ((globalThis as { [standingKey]?: Map<string, TalosClient> })[standingKey] ??= new Map<
  string,
  TalosClient
>());

/** Lends the watcher's connection to others for as long as it stands. Returns what takes it back. */
export function lendConnection(nodeId: string, client: TalosClient): () => void {
  standing.set(nodeId, client);
  return () => {
    if (standing.get(nodeId) === client) standing.delete(nodeId);
  };
}

/**
 * The connection that the watcher holds to a node, with the rights of a reader; null while there is none. It saves a handshake per
 * question; whoever borrows it never closes it, and a call on one that has just ended fails as any other.
 */
export const standingConnection = (nodeId: string): TalosClient | null => standing.get(nodeId) ?? null;
