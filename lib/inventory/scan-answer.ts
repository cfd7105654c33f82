import type { CertificateFacts } from "@/lib/talos/probe";
import type { ScanAnswer } from "./schema";

/** Certificates of a Talos cluster's API are signed by an authority of this name (Talos `pkg/machinery/config/generate/secrets/ca.go`). */
const talosAuthority = /(^|\n)O=talos$/;

const minuteMs = 60_000;
/** Clocks differ by seconds everywhere; Talos backdates nothing, so that a machine a moment ahead is not yet odd. */
const toleratedMs = 5 * minuteMs;

const day = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 16).replace("T", " ");

/** What is odd about the clock of a machine in maintenance mode, told by its certificate; null where nothing is. */
export function oddClock({ notBeforeMs, notAfterMs }: CertificateFacts, nowMs: number): string | null {
  const ahead = notBeforeMs - nowMs > toleratedMs;
  if (!ahead && nowMs - notAfterMs <= toleratedMs) return null;
  const said = ahead
    ? `its certificate is valid only from ${day(notBeforeMs)} UTC, so its clock is ahead of this server's`
    : `its certificate was valid until ${day(notAfterMs)} UTC, so its clock is behind this server's`;
  return `In maintenance mode, but ${said} (${day(nowMs)} UTC). Set the clock in its firmware or let it reach a time server before you adopt it: certificates that it makes would not be valid.`;
}

/** What answered a scan with TLS and is no machine in maintenance mode. `knownAs` is the node that Ichor has at this address. */
export function strangerAt(
  address: string,
  { subject, issuer }: Pick<CertificateFacts, "subject" | "issuer">,
  knownAs: { id: string; name: string } | null,
): ScanAnswer {
  if (knownAs) {
    return { address, what: "known", nodeId: knownAs.id, sentence: `${knownAs.name}, which is here already.` };
  }
  if (talosAuthority.test(issuer)) {
    return {
      address,
      what: "configured",
      nodeId: null,
      sentence:
        "Talos with a config: it belongs to a cluster. Import that cluster's talosconfig, or reset the machine to adopt it.",
    };
  }
  const names = [subject && `for ${subject}`, issuer && issuer !== subject && `by ${issuer}`]
    .filter(Boolean)
    .join(", ");
  return {
    address,
    what: "not-talos",
    nodeId: null,
    sentence: `It speaks TLS, but not with a certificate of Talos${names ? ` (${names})` : ""}.`,
  };
}
