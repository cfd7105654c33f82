import { z } from "zod";

const frame = z.object({ type: z.string() });
const eventFrame = z.object({ type: z.literal("run.event"), event: z.object({ seq: z.number() }) });

/**
 * Follows the console's live stream and tells the number of each event of a run as it is published, until the stream ends or
 * `signal` aborts. Whatever breaks the stream ends it: the console is about to be killed.
 */
export async function followJournal(
  { address, token }: { address: string; token: string },
  signal: AbortSignal,
  onEvent: (seq: number) => void,
): Promise<void> {
  try {
    const response = await fetch(`${address}/api/live`, { headers: { authorization: `Bearer ${token}` }, signal });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const data = part.split("\n").find((line) => line.startsWith("data: "));
        const value: unknown = data && JSON.parse(data.slice("data: ".length));
        if (frame.safeParse(value).data?.type !== "run.event") continue;
        onEvent(eventFrame.parse(value).event.seq);
      }
    }
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
  }
}
