import { createBucket, type Bucket } from "@/lib/core/bounds/bucket";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { TalosError } from "@/lib/talos/errors";

/** What a connection may carry at once, and how much of that comes back in a second. */
export type NodeRates = Record<
  | "bytesPerSecond"
  | "bytesAtOnce"
  | "messagesPerSecond"
  | "messagesAtOnce"
  | "nodesPerSecond"
  | "nodesAtOnce"
  | "socketBytesPerSecond"
  | "socketBytesAtOnce",
  number
>;

export type LimitsInput = {
  address: string;
  /** Null on an operator's or administrator's connection, which reads files and snapshots. */
  rates: NodeRates | null;
  /** Called once, with what the node did. */
  onFault: (fault: TalosError) => void;
  now?: () => number;
};

const amount = (count: number): string => new Intl.NumberFormat("en-US").format(count);
const binary = (bytes: number): string =>
  bytes % (1024 * 1024) === 0 ? `${bytes / (1024 * 1024)} MiB` : `${Math.round(bytes / 1024)} KiB`;

const tooFast = (noun: string, atOnce: number, perSecond: number): string =>
  `more than ${amount(atOnce)} ${noun} at once and ${amount(perSecond)} a second`;

/** What one connection to a node may cost (`nodeCaps`). Its first misbehaviour is its fault from then on. */
export class ConnectionLimits {
  /** Why the connection was dropped; null while it was not. */
  fault: TalosError | null = null;
  private readonly bytes: Bucket | null;
  private readonly messages: Bucket | null;
  private readonly nodes: Bucket | null;
  private readonly held = new Map<string, number>();
  private heldBytes = 0;
  private open = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly input: LimitsInput) {
    const { rates, now } = input;
    const bucket = (perSecond: number, atOnce: number) => createBucket({ perSecond, atOnce, ...(now && { now }) });
    this.bytes = rates && bucket(rates.bytesPerSecond, rates.bytesAtOnce);
    this.messages = rates && bucket(rates.messagesPerSecond, rates.messagesAtOnce);
    this.nodes = rates && bucket(rates.nodesPerSecond, rates.nodesAtOnce);
  }

  /** Null where nothing is counted per second. */
  get rates(): NodeRates | null {
    return this.input.rates;
  }

  /** The error that says what the node did, and drops the connection. `what` completes "it sent …". */
  accuse(method: string, what: string): TalosError {
    if (this.fault) return this.fault;
    const { address, onFault } = this.input;
    this.fault = new TalosError(`${address} misbehaves: it sent ${what}. Its connection was dropped.`, {
      kind: "misbehaving",
      method,
      address,
      hint: "No Talos node does so. Ichor dials it again after a while; look at the machine and its network.",
    });
    onFault(this.fault);
    return this.fault;
  }

  /** Counts one message. @throws TalosError "misbehaving" */
  spend(method: string, bytes: number): void {
    const { rates } = this;
    if (!rates) return;
    const slowBytes = this.bytes?.take(bytes) ?? 0;
    const slowMessages = this.messages?.take(1) ?? 0;
    if (slowBytes > 0)
      throw this.accuse(
        method,
        `more than ${binary(rates.bytesAtOnce)} at once and ${binary(rates.bytesPerSecond)} a second`,
      );
    if (slowMessages > 0) throw this.accuse(method, tooFast("messages", rates.messagesAtOnce, rates.messagesPerSecond));
  }

  /** Counts the YAML values of a spec. @throws TalosError "misbehaving" */
  spendNodes(method: string, nodes: number): void {
    const { rates } = this;
    if (!rates || (this.nodes?.take(nodes) ?? 0) === 0) return;
    throw this.accuse(method, tooFast("YAML values", rates.nodesAtOnce, rates.nodesPerSecond));
  }

  /** @throws TalosError "misbehaving" when a count is over its cap. `noun` in the plural. */
  atMost(method: string, count: number, most: number, noun: string): void {
    if (count > most) throw this.accuse(method, `more than ${amount(most)} ${noun}`);
  }

  /** Says how many bytes are held under a name, in place of what it held before. @throws TalosError "misbehaving" past the cap of all. */
  hold(name: string, method: string, bytes: number): void {
    this.heldBytes += bytes - (this.held.get(name) ?? 0);
    this.held.set(name, bytes);
    if (this.heldBytes > nodeCaps.heldBytes)
      throw this.accuse(method, `resources of more than ${binary(nodeCaps.heldBytes)} in all`);
  }

  /** What was held under the name is let go. */
  letGo(name: string): void {
    this.heldBytes -= this.held.get(name) ?? 0;
    this.held.delete(name);
  }

  /** Waits until one call more may be open; returns what ends it. Rejects with the signal's reason, or TalosError "misbehaving". */
  async enter(method: string, signals: readonly (AbortSignal | undefined)[]): Promise<() => void> {
    if (this.open >= nodeCaps.openCalls) await this.wait(method, signals);
    else this.open += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.open -= 1;
    };
  }

  private wait(method: string, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    if (this.waiting.length >= nodeCaps.waitingCalls) {
      throw this.accuse(method, `so much that ${amount(nodeCaps.waitingCalls)} questions about it wait`);
    }
    return new Promise((resolve, reject) => {
      const forget = () => signals.forEach((signal) => signal?.removeEventListener("abort", leave));
      const enter = () => {
        forget();
        resolve();
      };
      const leave = (event: Event) => {
        forget();
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject((event.target as AbortSignal).reason);
      };
      this.waiting.push(enter);
      signals.forEach((signal) => signal?.addEventListener("abort", leave, { once: true }));
    });
  }
}
