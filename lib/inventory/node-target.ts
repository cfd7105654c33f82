import "server-only";
import { fleet } from "./fleet";

/** The audit target with the name that the node has now, since it may be gone when the log is read. */
export function nodeTargetOf(id: string): { kind: "node"; id: string; name?: string } {
  const name = fleet().view(id)?.name;
  return { kind: "node", id, ...(name !== undefined && { name }) };
}
