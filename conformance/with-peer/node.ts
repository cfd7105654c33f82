import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";

/** One function on the peer's PCI bus; ids are hex without 0x. */
export type PeerDevice = {
  address: string;
  classId: string;
  subclassId: string;
  vendorId: string;
  deviceId: string;
  class: string;
  vendor: string;
  product: string;
};

/** What a peer is told to be (`peer/spec/node.go`). */
export type PeerOptions = {
  /** `127.77.0.1:50000` */
  address: string;
  hostname: string;
  role?: "controlplane" | "worker";
  release?: string;
  maintenance?: boolean;
  /** A secrets bundle, YAML; one is made without. */
  secrets?: string;
  cluster?: string;
  kubernetes?: string;
  kubernetesVersion?: string;
  /** The document that the booted image was made of. */
  schematic?: string;
  factory?: string;
  modules?: string[];
  pci?: PeerDevice[];
  members?: { hostname: string; address: string; role: "controlplane" | "worker" }[];
  pods?: {
    node: string;
    namespace: string;
    name: string;
    owner?: "ReplicaSet" | "StatefulSet" | "DaemonSet";
    graceMs?: number;
    budget?: string;
    disruptionsAllowed?: number;
  }[];
  /** 1 is about a real machine's time; small for tests. */
  timeScale: number;
};

const readyLine = z.object({
  ready: z.literal(true),
  address: z.string(),
  controlUrl: z.url(),
  talosconfig: z.string(),
  readerTalosconfig: z.string(),
  secrets: z.string(),
});

const slot = z.object({ release: z.string(), schematicId: z.string() });
const stateReply = z.object({
  bootId: z.string(),
  running: slot,
  slots: z.array(slot.nullable()),
  active: z.number(),
  fallback: z.number(),
  installed: z.boolean(),
  off: z.boolean(),
  maintenance: z.boolean(),
  fingerprint: z.string(),
  config: z.string(),
  uuid: z.string(),
});
const callReply = z.object({
  method: z.string(),
  roles: z.array(z.string()),
  allowed: z.boolean(),
  boot: z.string(),
  atMs: z.number(),
});
const certificateReply = z.object({ ca: z.string(), crt: z.string(), key: z.string() });

export type PeerState = z.infer<typeof stateReply>;
export type PeerCall = z.infer<typeof callReply>;
export type PeerFaults = {
  installerExit?: number;
  rollback?: boolean;
  neverReturns?: boolean;
  /** Methods whose streams stop after their first message. */
  stall?: string[];
};
export type PeerCertificate = z.infer<typeof certificateReply>;

/** A running peer, its talosconfigs, and what a test may do to it. */
export type Peer = z.infer<typeof readyLine> & {
  state: () => Promise<PeerState>;
  calls: () => Promise<PeerCall[]>;
  forgetCalls: () => Promise<void>;
  setFaults: (faults: PeerFaults) => Promise<void>;
  /** Closes all connections of the machine API without a word. */
  drop: () => Promise<void>;
  powerOn: () => Promise<void>;
  setBudget: (budget: { namespace: string; name: string; disruptionsAllowed: number }) => Promise<void>;
  /** A client certificate, good or bad, by the cluster's authority or a stranger's. */
  certificate: (wanted: {
    roles: string[];
    fromSeconds?: number;
    untilSeconds: number;
    stranger?: boolean;
    alsoServer?: boolean;
  }) => Promise<PeerCertificate>;
  /** Resolves when the process has ended. Rejects where it did so with an error. */
  stop: () => Promise<void>;
};

const startMs = 20_000;

async function ask<Reply>(url: string, schema: z.ZodType<Reply>, method = "GET", body?: unknown): Promise<Reply> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`The peer answers ${response.status}: ${await response.text()}`);
  return schema.parse(await response.json());
}

/** Waits for the line that says where the peer answers. */
async function readyOf(child: ChildProcess, ended: Promise<void>): Promise<z.infer<typeof readyLine>> {
  const { stdout } = child;
  if (!stdout) throw new Error("The peer has no output.");
  const line = new Promise<string>((resolve) => createInterface({ input: stdout }).once("line", resolve));
  const over = ended.then(() => {
    throw new Error("The peer ended before it was ready.");
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The peer was not ready within ${startMs / 1000} s.`)), startMs);
  });
  try {
    return readyLine.parse(JSON.parse(await Promise.race([line, over, late])));
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a peer that was built (`go build ./peer`) and waits until its machine API answers. */
export async function startPeer(binary: string, options: PeerOptions): Promise<Peer> {
  const child = spawn(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
  let stopping = false;
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0 || stopping) resolve();
      else reject(new Error(`The peer ${options.hostname} ended with ${code ?? signal}.`));
    });
  });
  ended.catch(() => undefined);
  const stop = () => {
    stopping = true;
    child.kill("SIGTERM");
    return ended;
  };
  child.stdin.write(JSON.stringify(options));
  try {
    const ready = await readyOf(child, ended);
    const at = (path: string) => `${ready.controlUrl}/${path}`;
    return {
      ...ready,
      state: () => ask(at("state"), stateReply),
      calls: () => ask(at("calls"), z.array(callReply).nullable()).then((calls) => calls ?? []),
      forgetCalls: () => ask(at("calls"), z.literal(true), "DELETE").then(() => undefined),
      setFaults: (faults) => ask(at("faults"), z.unknown(), "PUT", faults).then(() => undefined),
      drop: () => ask(at("drop"), z.literal(true), "POST").then(() => undefined),
      powerOn: () => ask(at("power-on"), z.literal(true), "POST").then(() => undefined),
      setBudget: (budget) => ask(at("budget"), z.literal(true), "PUT", budget).then(() => undefined),
      certificate: (wanted) => ask(at("certificate"), certificateReply, "POST", wanted),
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
