import { SequenceCanceled, sequenceEvent, type SequenceName } from "./run-sequence";
import type { SimNode } from "./node";

/** Refused because another sequence runs; Talos answers the call and says so in an event. */
export class SequenceLocked extends Error {
  override readonly name = "SequenceLocked";
}

/** Which sequences may make a running one stop (runtime/sequencer.go); a few requests stop any. */
const successors: Readonly<Partial<Record<SequenceName, readonly SequenceName[]>>> = {
  boot: ["reboot", "reset", "upgrade"],
  reboot: ["reboot"],
  reset: ["reboot"],
};

/** Makes it the node's sequence; its signal aborts when another one takes over. Throws SequenceLocked while one runs that does not make way. */
export function beginSequence(
  node: SimNode,
  name: SequenceName,
  { actorId = "", takeOver = false }: { actorId?: string; takeOver?: boolean } = {},
): AbortSignal {
  const running = node.sequence;
  if (running && !takeOver && successors[running.name]?.includes(name) !== true) {
    sequenceEvent(node, name, "locked", actorId);
    throw new SequenceLocked(`sequence ${running.name} is running`);
  }
  running?.cancel.abort(new SequenceCanceled(`${name} takes over from ${running.name}`));
  const cancel = new AbortController();
  node.sequence = { name, cancel };
  return cancel.signal;
}
