import { createHash } from "node:crypto";
import type { SimNode } from "./node";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The name of a node in discovery: 32 bytes in base 62, as Talos makes it once and keeps it. */
export function nodeIdentity(node: SimNode): string {
  let rest = BigInt(`0x${createHash("sha256").update(`identity/${node.machine.uuid}`).digest("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}
