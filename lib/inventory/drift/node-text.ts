import { checkYamlCaps, YamlTooMuch } from "@/lib/core/bounds/bounded-yaml";
import { offThread } from "@/lib/core/off-thread/pool";
import type { OffThreadTask } from "@/lib/core/off-thread/task";
import { createGate } from "../gate";

/** Several times what a node's config holds; to read so much takes some 20 ms, and a thread costs more than that. */
const small = { chars: 32 * 1024, nodes: 1_000, depth: 32 };

function isSmall(text: string): boolean {
  try {
    checkYamlCaps(text, small);
    return true;
  } catch (error) {
    if (error instanceof YamlTooMuch) return false;
    throw error;
  }
}

/** Nobody waits for the configs of a whole fleet: they leave room for what people ask for. */
const gate = createGate(2);

/**
 * Runs a task on texts that a node has sent: in place where they are small, otherwise in a worker thread, of which each node has its share.
 *
 * @throws as `offThread`; the signal's reason while it waits for its turn.
 */
export async function onNodeText<Input, Output>(
  task: OffThreadTask<Input, Output>,
  input: Input,
  { address, texts, signal }: { address: string; texts: readonly string[]; signal?: AbortSignal | undefined },
): Promise<Awaited<Output>> {
  if (texts.every(isSmall)) return await task.run(input);
  const release = await gate(signal ?? new AbortController().signal);
  try {
    return await offThread(task, input, { holder: `node ${address}`, ...(signal && { signal }) });
  } finally {
    release();
  }
}
