import "server-only";
import { setMaxListeners } from "node:events";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { AppError } from "@/lib/core/errors";
import { tryLater } from "@/lib/core/try-later";
import { newId } from "@/lib/core/ids";
import { log } from "@/lib/core/log";
import { withTransaction } from "@/lib/db/transaction";
import { hub } from "@/lib/live/hub";
import { resourceDefs } from "@/lib/talos/resources";
import type { CertificateFacts } from "@/lib/talos/probe";
import { isTalosError } from "@/lib/talos/errors";
import { type Dialled, dialMaintenance, lookAtCertificate } from "./dial";
import { noFacts, type NodeFacts } from "./facts";
import { fleet } from "./fleet";
import { specOrNull } from "./node-follow";
import { statusFacts } from "./node-readings";
import { parseMacs } from "./node-records";
import { checkedGpus, readMachine } from "./node-snapshot";
import { refreshNodes } from "./refresh";
import { oddClock, strangerAt } from "./scan-answer";
import type { ScanAnswer } from "./schema";

type Found = { address: string; uuid: string | null; fingerprint: string | null; facts: NodeFacts };

const probesAtOnce = 48;
/** A network full of other things is not listed to its end. */
const mostAnswers = 200;
const scansKey = Symbol.for("ichor.scans");
const scans = ((globalThis as { [scansKey]?: Map<string, AbortController> })[scansKey] ??= new Map());

async function readFound(dialled: Dialled, address: string, outer: AbortSignal): Promise<Found> {
  const { client, fingerprint } = dialled;
  const timeout = AbortSignal.timeout(nodeCaps.scanReadMs);
  const signal = AbortSignal.any([outer, timeout]);
  try {
    const [{ uuid, facts: read, pci }, status] = await Promise.all([
      readMachine(client, signal),
      specOrNull(client, resourceDefs.machineStatus, signal),
    ]);
    const facts = { ...noFacts, ...read, ...(status && statusFacts(status)), readAtMs: Date.now() };
    return { address, uuid, fingerprint, facts: pci ? { ...facts, ...checkedGpus(client, pci, facts) } : facts };
  } catch (error) {
    if (outer.aborted || !timeout.aborted) throw error;
    throw new AppError("unavailable", `${address} did not tell what it is within ${nodeCaps.scanReadMs / 1000} s.`);
  } finally {
    client.close();
  }
}

type Answer =
  { kind: "nobody" } | { kind: "found"; found: Found; clock: string | null } | { kind: "other"; answer: ScanAnswer };

const other = (answer: ScanAnswer): Answer => ({ kind: "other", answer });

function nodeAt(address: string): { id: string; name: string } | null {
  const view = fleet()
    .views()
    .find((candidate) => candidate.address === address);
  return view ? { id: view.id, name: view.name } : null;
}

/** Who is at the address. Whatever speaks there is told; only silence is nothing. */
async function look(address: string, signal: AbortSignal): Promise<Answer> {
  let shown: CertificateFacts;
  try {
    shown = await lookAtCertificate(address, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(error instanceof AppError)) throw error;
    if (!isTalosError(error, "refused-certificate")) return { kind: "nobody" };
    const sentence = "The port is open, but nobody speaks TLS there: this is not Talos.";
    return other({ address, what: "no-tls", nodeId: null, sentence });
  }
  if (!shown.isMaintenance) return other(strangerAt(address, shown, nodeAt(address)));
  try {
    const found = await readFound(await dialMaintenance(address, { signal, shown }), address, signal);
    return { kind: "found", found, clock: oddClock(shown, Date.now()) };
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(error instanceof AppError)) throw error;
    return other({
      address,
      what: "unread",
      nodeId: null,
      sentence: `In maintenance mode, but it could not be read: ${error.message}`,
    });
  }
}

const knownColumns = { id: true, address: true, machineUuid: true, macs: true, factsAt: true } as const;
type Known = { id: string; address: string | null; macs: string; factsAt: Date | null };
const justNowMs = 5 * 60_000;

/** Boards are sold with one UUID for all: one that was just seen elsewhere, with none of these MACs, is another machine. */
function isAnother(known: Known, address: string, macs: readonly string[]): boolean {
  const its = parseMacs(known.macs);
  if (known.address === null || known.address === address || its.length === 0 || macs.length === 0) return false;
  if (its.some((mac) => macs.includes(mac))) return false;
  const seen = fleet().state(known.id)?.reachability.state === "reachable";
  return seen || Date.now() - (known.factsAt?.getTime() ?? 0) < justNowMs;
}

/** Records a machine that was found: as the node that it is known as (UUID, MAC, address), else as a new one. */
async function keep({ address, uuid: told, fingerprint, facts }: Found): Promise<string> {
  const macs = facts.links.filter(({ physical }) => physical).map(({ hardwareAddress }) => hardwareAddress);
  const nodeId = await withTransaction(async (tx) => {
    const nodes = await tx.node.findMany({ select: knownColumns });
    const namesake = told === null ? undefined : nodes.find(({ machineUuid }) => machineUuid === told);
    const uuid = namesake && isAnother(namesake, address, macs) ? null : told;
    const byUuid = uuid === null ? undefined : namesake;
    const byMac = nodes.find(
      (node) => node.machineUuid === null && parseMacs(node.macs).some((mac) => macs.includes(mac)),
    );
    const atAddress = nodes.find((node) => node.address === address);
    const known = byUuid ?? byMac ?? (atAddress?.machineUuid === null ? atAddress : undefined);
    // The address has passed to this machine; the one that had it is found again by its UUID, or stays away.
    if (atAddress && atAddress.id !== known?.id) {
      await tx.node.update({ where: { id: atAddress.id }, data: { address: null } });
    }
    const data = {
      address,
      machineUuid: uuid,
      macs: JSON.stringify(macs),
      facts: JSON.stringify({ ...facts, readAtMs: null }),
      factsAt: new Date(),
      maintenanceFingerprint: fingerprint,
    };
    if (known) {
      await tx.node.update({ where: { id: known.id }, data });
      return { id: known.id, moved: atAddress };
    }
    const id = newId("node");
    await tx.node.create({ data: { id, ...data } });
    return { id, moved: atAddress };
  });
  await refreshNodes([...(nodeId.moved ? [nodeId.moved.id] : []), nodeId.id]);
  return nodeId.id;
}

const failed = "The scan ended early: what it found could not be stored. The server's log says why.";

async function run(id: string, targets: readonly string[], stop: AbortController): Promise<void> {
  const { signal } = stop;
  let done = 0;
  let found = 0;
  let error: string | null = null;
  const answers: ScanAnswer[] = [];
  let more = 0;
  const tell = (finished: boolean) =>
    hub().publish({ type: "scan.progress", id, done, total: targets.length, found, finished, error });
  const tellAnswer = (answer: ScanAnswer) => {
    if (answers.length < mostAnswers) answers.push(answer);
    else more += 1;
    hub().publish({ type: "scan.answers", id, answers: [...answers], more });
  };
  const queue = targets.values();
  const probe = async () => {
    for (const address of queue) {
      if (signal.aborted) return;
      const answer = await look(address, signal);
      if (answer.kind === "found") {
        const nodeId = await keep(answer.found);
        found += 1;
        if (answer.clock !== null) tellAnswer({ address, what: "odd-clock", nodeId, sentence: answer.clock });
      } else if (answer.kind === "other") tellAnswer(answer.answer);
      done += 1;
      tell(false);
    }
  };
  // The first failure ends the others too: the scan is over only when none of them goes on.
  const probed = async () => {
    try {
      await probe();
    } catch (thrown) {
      if (signal.aborted) return;
      error = failed;
      stop.abort(thrown);
      log.unexpected("A scan for machines failed", thrown, { scanId: id });
    }
  };
  await Promise.all(Array.from({ length: Math.min(probesAtOnce, targets.length) }, probed));
  scans.delete(id);
  tell(true);
}

/**
 * Starts to look for machines in maintenance mode. Progress is told by `scan.progress` frames, whatever else answers by
 * `scan.answers` frames; machines appear as nodes.
 */
export function startScan(targets: readonly string[]): { scanId: string; total: number } {
  if (scans.size >= 4) {
    throw tryLater("rate-limited", "Four scans are running already.", 30_000, {
      hint: "Wait for one to end, or cancel it.",
    });
  }
  // Its first use makes the fleet part of the hub's snapshot.
  fleet();
  const scanId = newId("scan");
  const stop = new AbortController();
  setMaxListeners(1_000, stop.signal);
  scans.set(scanId, stop);
  void run(scanId, targets, stop);
  return { scanId, total: targets.length };
}

/** Ends a scan; what it has found stays. @throws AppError `not-found` when it is over already. */
export function cancelScan(scanId: string): void {
  const stop = scans.get(scanId);
  if (!stop) throw new AppError("not-found", "This scan is over already.");
  stop.abort(new Error("cancelled"));
}
