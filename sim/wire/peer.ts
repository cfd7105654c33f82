import type { SimNode } from "../node/node";

/** Who is at the other end of a connection, and to which node it was made. */
export type Peer = { node: SimNode; roles: readonly string[]; commonName: string };

/** Open connections by their four numbers, so that a call can find its own. */
export class PeerTable {
  private readonly peers = new Map<string, Peer>();

  static key(ends: {
    localAddress?: string | undefined;
    localPort?: number | undefined;
    remoteAddress?: string | undefined;
    remotePort?: number | undefined;
  }): string {
    return `${ends.localAddress}:${ends.localPort}<${ends.remoteAddress}:${ends.remotePort}`;
  }

  set(key: string, peer: Peer): void {
    this.peers.set(key, peer);
  }

  get(key: string): Peer | undefined {
    return this.peers.get(key);
  }

  delete(key: string): void {
    this.peers.delete(key);
  }
}
