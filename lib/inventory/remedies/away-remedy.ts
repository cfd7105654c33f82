import { type TalosErrorKind, talosErrorKinds } from "@/lib/talos/errors";
import type { Remedy } from "./schema";

type Made = (clusterId: string | null) => Remedy;

const byHand =
  (sentence: string): Made =>
  () => ({ kind: "by-hand", sentence });
const renew =
  (sentence: string): Made =>
  (clusterId) =>
    clusterId === null ? { kind: "by-hand", sentence } : { kind: "renew-credentials", clusterId, sentence };

const silent = byHand(
  "Ichor cannot switch a machine on. Check that it has power, that its network link is up and that port 50000 can be reached from here.",
);
const refused = renew("The node does not take Ichor's certificate: import a current talosconfig of its cluster.");
const odd = byHand("It is tried again by itself. If it stays, look at the machine's console or its kernel log.");

/** What helps with a node that cannot be talked to, by what went wrong. */
const remedies: Record<TalosErrorKind, Made> = {
  unreachable: silent,
  deadline: silent,
  "refused-certificate": refused,
  "wrong-name": byHand(
    "Another name stands in the certificate that answers. Check which machine has this address, and import the cluster again if the node has moved.",
  ),
  "certificate-expired": renew("Import a current talosconfig of its cluster, or check the machine's clock."),
  "certificate-not-yet-valid": byHand(
    "Ichor cannot set a machine's clock. Check the clock in its firmware and whether it reaches its time server; it is tried again by itself.",
  ),
  "permission-denied": renew(
    "The certificate that is held may not read this node: import a talosconfig with os:reader or more.",
  ),
  unimplemented: odd,
  "unknown-resource": odd,
  "not-found": odd,
  "already-exists": odd,
  precondition: odd,
  invalid: odd,
  "rolled-stream": odd,
  cancelled: odd,
  "too-large": odd,
  misbehaving: byHand(
    "No Talos node sends so much. Look at what runs at this address: compare the machine's console with what is shown here, and reset it or take it off the network if it is not what it should be. It is dialled again by itself, with growing waits.",
  ),
  "not-supported": odd,
  "node-failed": odd,
};

const isKind = (kind: string): kind is TalosErrorKind => (talosErrorKinds as readonly string[]).includes(kind);

/** What helps with a node that cannot be reached. `kind` is that of `Reachability`: mostly a `TalosErrorKind`. */
export function remedyWhenAway(kind: string, clusterId: string | null): Remedy {
  if (kind === "no-address")
    return {
      kind: "by-hand",
      sentence: "Find the machine under Add machines at its new address, or stop managing it here.",
    };
  if (kind === "refused") return refused(clusterId);
  return isKind(kind) ? remedies[kind](clusterId) : odd(clusterId);
}
