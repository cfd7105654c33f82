import "server-only";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** Names this process: host, process id, and a part that a later process with the same id does not share. */
export const newOwner = (): string => `${hostname()}|${process.pid}|${randomBytes(6).toString("hex")}`;

/** Is the owner a process of this host that has ended? Then its lease need not be waited for. */
export function ownerIsDead(owner: string, self: string): boolean {
  const [host, pid] = owner.split("|");
  if (owner === self || host !== hostname() || !/^\d+$/.test(pid ?? "")) return false;
  // Our own process id under another name belonged to a process before us.
  if (Number(pid) === process.pid) return self.split("|")[1] === String(process.pid);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

const ownerKey = Symbol.for("ichor.process-owner");

/** The one name of this process. */
export const processOwner = (): string => {
  const shared = globalThis as { [ownerKey]?: string };
  return (shared[ownerKey] ??= newOwner());
};
