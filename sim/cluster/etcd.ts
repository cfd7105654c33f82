import { createHash } from "node:crypto";

export type EtcdPeer = { id: bigint; name: string; address: string; running: boolean; learner: boolean };

/** Membership, leadership and quorum of one cluster's etcd. */
export class EtcdCluster {
  private readonly peers = new Map<string, EtcdPeer>();
  private leaderName: string | null = null;
  private term = 2n;
  private index = 48_211n;

  /** True once a member exists: bootstrapped. */
  get bootstrapped(): boolean {
    return this.peers.size > 0;
  }

  members(): EtcdPeer[] {
    return [...this.peers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  member(name: string): EtcdPeer | undefined {
    return this.peers.get(name);
  }

  /** More than half of the voting members run. */
  get quorate(): boolean {
    const voters = this.members().filter((peer) => !peer.learner);
    return voters.length > 0 && voters.filter((peer) => peer.running).length > voters.length / 2;
  }

  get leader(): EtcdPeer | null {
    return this.quorate ? ((this.leaderName === null ? undefined : this.peers.get(this.leaderName)) ?? null) : null;
  }

  get raft(): { term: bigint; index: bigint } {
    this.index += 3n;
    return { term: this.term, index: this.index };
  }

  join(name: string, address: string): EtcdPeer {
    const id = createHash("sha256").update(`etcd/${name}/${address}`).digest().readBigUInt64BE(0);
    const peer: EtcdPeer = { id, name, address, running: true, learner: false };
    this.peers.set(name, peer);
    this.elect();
    return peer;
  }

  leave(name: string): void {
    this.peers.delete(name);
    this.elect();
  }

  setRunning(name: string, running: boolean): void {
    const peer = this.peers.get(name);
    if (!peer || peer.running === running) return;
    peer.running = running;
    this.elect();
  }

  /** The leader hands over; its own name where there is nobody else. */
  forfeit(name: string): EtcdPeer | null {
    if (this.leader?.name !== name) return null;
    const next = this.members().find((peer) => peer.running && peer.name !== name);
    if (next) {
      this.leaderName = next.name;
      this.term += 1n;
    }
    return next ?? null;
  }

  private elect(): void {
    const current = this.leaderName === null ? undefined : this.peers.get(this.leaderName);
    if (current?.running) return;
    const next = this.members().find((peer) => peer.running && !peer.learner);
    this.leaderName = next?.name ?? null;
    this.term += 1n;
  }
}
