import type { AppErrorCode } from "@/lib/core/errors";

type Answer = { ok: true } | { ok: false; error: { code: AppErrorCode } };
type Asker = () => Promise<boolean>;

let asker: Asker | null = null;

/** Says how the page asks somebody to prove who they are; null once it cannot any more. */
export const offerProof = (next: Asker | null): void => void (asker = next);

/**
 * Runs something sensitive. Where the server wants a fresh proof of who asks, they are asked for it, and it goes on with what
 * was asked; where they decline, the server's refusal is the answer.
 */
export async function withProof<A extends Answer>(run: () => Promise<A>): Promise<A> {
  const first = await run();
  if (first.ok || first.error.code !== "proof-needed" || asker === null) return first;
  return (await asker()) ? run() : first;
}
