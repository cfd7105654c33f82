import { runDetached } from "../clock";
import { SequenceLocked } from "../node/begin-sequence";
import type { SimNode } from "../node/node";

/** Work that goes on after the answer; a refused sequence was told in an event already. */
export function detach(node: SimNode, work: Promise<unknown>): void {
  runDetached(work, (error) => {
    if (!(error instanceof SequenceLocked)) node.world.report(error);
  });
}
