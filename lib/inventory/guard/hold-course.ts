import type { Hold } from "./holds";

/** What a node says of itself now; null where it cannot be asked. */
export type HeldReading = { bootId: string | null; running: boolean; ready: boolean } | null;
/** What etcd says of the member that was taken away: `left` = it is in the list no more; null = etcd could not be read. */
export type MemberReading = "healthy" | "missing" | "left" | null;

export type HoldSituation = {
  hold: Hold;
  nowMs: number;
  /** The node is not managed here any more. */
  forgotten: boolean;
  /** The process that makes the call has ended. */
  ownerEnded: boolean;
  node: HeldReading;
  /** Asked only where the node is well enough for it to matter, or is counted as missing. */
  member: () => Promise<MemberReading>;
};

export type HoldStep =
  /** Nothing changes. */
  | { do: "wait" }
  | { do: "release"; why: string }
  | { do: "note"; data: Partial<Pick<Hold, "phase" | "wentAt" | "until">> };

/** A node that was asked and shows no sign of it for so long has not obeyed. */
export const obeyMs = 2 * 60_000;
/** A node that is back has so long to bring its etcd up, before it counts as missing and holds nobody up any more. */
export const settleMs = 3 * 60_000;

const wait: HoldStep = { do: "wait" };
const release = (why: string): HoldStep => ({ do: "release", why });
const note = (data: Extract<HoldStep, { do: "note" }>["data"]): HoldStep => ({ do: "note", data });

/** A clock that is set while a node runs moves the second in which it seems to have started. */
const clockStepS = 5;

/** Do two names mean one boot? A node that names it in another way runs another release by now. */
export function sameBoot(a: string, b: string): boolean {
  const started = [a, b].map((name) => /^started (\d+)$/.exec(name)?.[1]);
  const [first, second] = started;
  if (first === undefined) return a === b;
  return Math.abs(Number(first) - Number(second)) <= clockStepS;
}

const isBack = ({ bootId, wentAt, ends }: Hold, node: NonNullable<HeldReading>): boolean => {
  if (ends === "service") return true;
  return bootId !== null && node.bootId !== null ? !sameBoot(node.bootId, bootId) : wentAt !== null;
};

/**
 * A control plane is let go only when its etcd is healthy, as etcd itself says. Any other node as soon as it is back, however it is: it
 * may be what has to be mended next.
 */
async function whenBack({ hold, nowMs, member }: HoldSituation, well: boolean): Promise<HoldStep> {
  if (!hold.takesPlane) return release("It is back.");
  const found = await member();
  if (found === "left") return release("Its member has left etcd.");
  if (found === "healthy" && well) return release("It is back, and its etcd is healthy.");
  const sinceMs = (hold.wentAt ?? hold.since).getTime();
  if (hold.phase === "awaiting" && nowMs - sinceMs > settleMs) return note({ phase: "away" });
  return wait;
}

/**
 * What becomes of a hold, by what the node and etcd say now. Pure but for the question to etcd. It ends when the node is back in another
 * boot and its etcd is healthy, when it never obeyed, or when it is managed here no more; after its stated end, and once a machine that
 * was switched off or reset is gone, it counts as missing and holds nobody up.
 */
export async function holdStep(situation: HoldSituation): Promise<HoldStep> {
  const { hold, nowMs, node, forgotten, ownerEnded } = situation;
  if (forgotten) return release("It is not managed here any more.");
  if (hold.phase === "calling") {
    // Its call is being made; of one that was cut off nobody knows whether it was.
    return ownerEnded || nowMs > hold.until.getTime() ? note({ phase: "awaiting" }) : wait;
  }
  if (node !== null && isBack(hold, node)) {
    const step = await whenBack(situation, node.running && node.ready);
    if (step.do !== "wait") return step;
  } else if (node === null || !node.running) {
    const gone = node === null && hold.ends === "gone";
    if (gone && !hold.takesPlane) return release("It is gone, as asked.");
    if (gone && hold.phase === "awaiting") return note({ phase: "away", wentAt: hold.wentAt ?? new Date(nowMs) });
    if (hold.wentAt === null) return note({ wentAt: new Date(nowMs) });
  } else if (node.ready && nowMs - hold.since.getTime() > obeyMs) {
    // One that shut its etcd down and stays up is not well yet.
    const well = !hold.takesPlane || (await situation.member()) !== "missing";
    if (well) return release("It was asked and has not obeyed.");
  }
  if (hold.phase === "away") {
    return hold.takesPlane && (await situation.member()) === "left" ? release("Its member has left etcd.") : wait;
  }
  if (nowMs > hold.until.getTime()) {
    return hold.takesPlane ? note({ phase: "away" }) : release("It has not come back in time.");
  }
  return wait;
}
