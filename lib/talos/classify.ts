import { status } from "@grpc/grpc-js";
import { TalosError, type TalosErrorKind } from "@/lib/talos/errors";
import { cleanText } from "@/lib/talos/text";

export type RawFailure = {
  /** gRPC status code. */
  code: number;
  /** gRPC status text: from the node, from grpc-js, or a TLS error wrapped by it. */
  details: string;
  method: string;
  address: string;
  /** Had the node answered on this call already? */
  started: boolean;
  /** Did our own signal end it? */
  aborted: boolean;
  /** Was the channel connected when it failed? Tells a slow call from an address where nobody answers. */
  connected: boolean;
  /** Set when no client certificate is shown. */
  maintenance: boolean;
  deadlineMs?: number;
  cause?: unknown;
};

// grpc-js reports every TLS failure as UNAVAILABLE; only the text tells them apart (tried with grpc-js 1.14 on Node 20).
const tlsTexts: [RegExp, TalosErrorKind][] = [
  [/ALTNAME_INVALID|match certificate's altnames/i, "wrong-name"],
  [/not yet valid|CERT_NOT_YET_VALID/i, "certificate-not-yet-valid"],
  [/certificate has expired|CERT_HAS_EXPIRED|alert certificate expired/i, "certificate-expired"],
  [
    /self[- ]signed certificate|unable to (verify|get)( the first| local)? (issuer )?certificate|certificate signature failure/i,
    "refused-certificate",
  ],
  [
    /alert (certificate|bad certificate|unknown ca|unknown certificate|handshake|unsupported|decrypt|access denied|internal)/i,
    "refused-certificate",
  ],
  [/SSL routines|ERR_SSL_|ERR_TLS_|UNABLE_TO_|EPROTO/i, "refused-certificate"],
];

const neverSent =
  /No connection established|Name resolution failed|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|connection refused|no route to host|i\/o timeout|Failed to connect/i;
const dropped = /RST_STREAM|ECONNRESET|Connection dropped|socket hang up|GOAWAY|Premature|EPIPE|Transport closed/i;

/**
 * What Talos will never do, said with codes that elsewhere mean "later" (Unknown, FailedPrecondition): a service that the API does not
 * start, stop or restart (`system.go`), and calls that a container, or an agent, does not have (`v1alpha1_server.go`).
 */
const never =
  /doesn't support (?:start|stop|restart) operation via API|method is not supported in \w+ mode|API is not implemented in agent mode/i;

/** A log that nobody has written to, or a container that is not there: told with code Unknown (`logging/circular.go`, `containers`). */
const noLog = /log "[^"]*" was not registered|container "[^"]*" not found/i;

/** Decides the kind. Pure. */
export function kindOf({ code, details, method, started, aborted, connected }: RawFailure): TalosErrorKind {
  if (aborted) return "cancelled";
  if (never.test(details)) return "not-supported";
  if (method.endsWith("/Logs") && noLog.test(details)) return "not-found";
  switch (code) {
    case status.UNAVAILABLE:
      for (const [text, kind] of tlsTexts) if (text.test(details)) return kind;
      return !started && neverSent.test(details) ? "unreachable" : "rolled-stream";
    case status.CANCELLED:
      return "rolled-stream";
    case status.DEADLINE_EXCEEDED:
      return connected ? "deadline" : "unreachable";
    case status.PERMISSION_DENIED:
      // Talos answers so for resource types that it does not have, too (internal/app/resources/access.go).
      return method.startsWith("/cosi.resource.State/") && /not supported/i.test(details)
        ? "unknown-resource"
        : "permission-denied";
    case status.UNAUTHENTICATED:
      return "permission-denied";
    case status.UNIMPLEMENTED:
      return "unimplemented";
    case status.NOT_FOUND:
      return "not-found";
    case status.ALREADY_EXISTS:
      return "already-exists";
    case status.FAILED_PRECONDITION:
    case status.ABORTED:
      return "precondition";
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return "invalid";
    case status.RESOURCE_EXHAUSTED:
      return /larger than/i.test(details) ? "too-large" : "node-failed";
    default:
      return dropped.test(details) ? "rolled-stream" : "node-failed";
  }
}

const shortName = (method: string) => method.slice(method.lastIndexOf("/") + 1) || "connecting";

/** What the node itself said, ready to stand in a sentence. */
const said = (details: string) => cleanText(details, { max: 300 }).replace(/[.\s]+$/, "") || "it gave no reason";

/** What grpc-js says of a failed connection, without its wrapping. */
const connectReason = (details: string) =>
  said(
    details
      .replace(/^.*?Last error: /, "")
      .replace(/\.? Resolution note:.*$/, "")
      .replace(/^Error: /, ""),
  );

const seconds = (durationMs: number | undefined) =>
  durationMs === undefined ? "time" : `${Math.round(durationMs / 100) / 10} s`;

type Words = (failure: RawFailure) => { sentence: string; hint?: string };
const words: Record<TalosErrorKind, Words> = {
  unreachable: ({ address, details, code, deadlineMs }) => ({
    sentence:
      code === status.DEADLINE_EXCEEDED
        ? `${address} cannot be reached: nobody answered within ${seconds(deadlineMs)}.`
        : `${address} cannot be reached: ${connectReason(details)}.`,
    hint: "Check that the machine is on and that port 50000 is open from here.",
  }),
  "refused-certificate": ({ address, details, maintenance }) =>
    maintenance && /alert (certificate required|bad certificate|handshake)/i.test(details)
      ? {
          sentence: `${address} asks for a client certificate: it is not in maintenance mode.`,
          hint: "Import the talosconfig of its cluster instead.",
        }
      : /alert/i.test(details)
        ? {
            sentence: `${address} refused our certificate: ${connectReason(details)}.`,
            hint: "The talosconfig belongs to another cluster, or its CA was rotated.",
          }
        : {
            sentence: `The certificate of ${address} is not trusted: ${connectReason(details)}.`,
            hint: "Another machine may have taken this address, or the talosconfig belongs to another cluster.",
          },
  "wrong-name": ({ address, details }) => ({
    sentence: `The certificate of ${address} is for another name: ${connectReason(details)}.`,
    hint: "Use an address that the node knows as its own, or add this one to machine.certSANs.",
  }),
  "certificate-expired": ({ address, details }) => ({
    sentence: /alert/i.test(details)
      ? `${address} says that our certificate has expired.`
      : `The certificate of ${address} has expired.`,
    hint: "Compare the clocks of both machines, then renew the certificate.",
  }),
  "certificate-not-yet-valid": ({ address }) => ({
    sentence: `The certificate of ${address} is not valid yet: its clock is ahead of ours.`,
    hint: "Set both clocks by NTP.",
  }),
  "permission-denied": ({ address, method, details }) => ({
    sentence: `${address} does not allow ${shortName(method)} with our role: ${said(details)}.`,
    hint: "A talosconfig with a stronger role is needed.",
  }),
  unimplemented: ({ address, method }) => ({ sentence: `Talos on ${address} does not have ${shortName(method)}.` }),
  "unknown-resource": ({ address, details }) => ({
    sentence: `Talos on ${address} does not have this resource: ${said(details)}.`,
  }),
  "not-found": ({ address, details }) => ({ sentence: `${address} does not have it: ${said(details)}.` }),
  "already-exists": ({ address, method, details }) => ({
    sentence: `${address} has done ${shortName(method)} before: ${said(details)}.`,
  }),
  precondition: ({ address, method, details }) => ({
    sentence: `${address} is not ready for ${shortName(method)}: ${said(details)}.`,
  }),
  "not-supported": ({ address, method, details }) => ({
    sentence: `Talos does not allow ${shortName(method)} here: ${said(details)} (${address}).`,
  }),
  invalid: ({ address, method, details }) => ({
    sentence: `${address} rejects the input of ${shortName(method)}: ${said(details)}.`,
  }),
  "rolled-stream": ({ address, method, details }) => ({
    sentence: `The connection to ${address} broke off during ${shortName(method)}: ${connectReason(details)}.`,
    hint: "A node that restarts drops its connections; Ichor connects again by itself.",
  }),
  cancelled: ({ address, method }) => ({ sentence: `${shortName(method)} on ${address} was cancelled.` }),
  deadline: ({ address, method, deadlineMs }) => ({
    sentence: `${address} is connected, but did not finish ${shortName(method)} within ${seconds(deadlineMs)}.`,
  }),
  "too-large": ({ address, method }) => ({
    sentence: `The message of ${shortName(method)} with ${address} is larger than the 32 MiB that Talos takes.`,
  }),
  misbehaving: ({ address }) => ({ sentence: `${address} misbehaves. Its connection was dropped.` }),
  "node-failed": ({ address, method, details }) => ({
    sentence: `${shortName(method)} failed on ${address}: ${said(details)}.`,
  }),
};

// No sentence of Talos or grpc-js is so long, and each is searched for a dozen patterns.
const longestDetails = 8_192;

/** Turns a failed call into the one kind of error that leaves `lib/talos`. */
export function toTalosError(raw: RawFailure): TalosError {
  const failure = { ...raw, details: raw.details.slice(0, longestDetails) };
  const kind = kindOf(failure);
  const { sentence, hint } = words[kind](failure);
  const { method, address, code, details, cause } = failure;
  return new TalosError(sentence, {
    kind,
    method,
    address,
    grpcCode: code,
    details,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
