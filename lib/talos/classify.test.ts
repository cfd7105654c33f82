import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { kindOf, toTalosError, type RawFailure } from "@/lib/talos/classify";
import { isReconnectable, talosErrorKinds } from "@/lib/talos/errors";

const failure = (details: string, more: Partial<RawFailure> = {}): RawFailure => ({
  code: status.UNAVAILABLE,
  details,
  method: "/machine.MachineService/Version",
  address: "10.5.0.2:50000",
  started: false,
  aborted: false,
  connected: false,
  maintenance: false,
  ...more,
});
const lastError = (text: string) => `No connection established. Last error: Error: ${text}. Resolution note: `;

describe("kindOf", () => {
  // The alerts are those of a Go server, which a Node server does not send.
  it.each([
    [lastError("connect ECONNREFUSED 10.5.0.2:50000"), "unreachable"],
    [lastError("connect EHOSTUNREACH 10.5.0.2:50000"), "unreachable"],
    ["Name resolution failed for target dns:nowhere:50000", "unreachable"],
    [
      lastError(
        "C0:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:SSL alert number 116",
      ),
      "refused-certificate",
    ],
    [
      lastError("C0:error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:SSL alert number 42"),
      "refused-certificate",
    ],
    [
      lastError("C0:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:SSL alert number 48"),
      "refused-certificate",
    ],
    [
      lastError("C0:error:0A000415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired:SSL alert number 45"),
      "certificate-expired",
    ],
    [
      lastError("Hostname/IP does not match certificate's altnames: IP: 10.5.0.2 is not in the cert's list"),
      "wrong-name",
    ],
    ["read ECONNRESET", "rolled-stream"],
    ["Connection dropped", "rolled-stream"],
  ])("reads %j as %s", (details, kind) => {
    expect(kindOf(failure(details))).toBe(kind);
  });

  it("calls a refused connection of a stream that had begun a broken stream", () => {
    expect(kindOf(failure("read ETIMEDOUT", { started: true }))).toBe("rolled-stream");
    expect(kindOf(failure("Received RST_STREAM with code 2", { code: status.INTERNAL, started: true }))).toBe(
      "rolled-stream",
    );
  });

  it.each([
    [status.UNKNOWN, 'service "apid" doesn\'t support restart operation via API'],
    [status.UNKNOWN, 'service "etcd" doesn\'t support stop operation via API'],
    [status.UNKNOWN, 'service "cri" doesn\'t support start operation via API'],
    [status.FAILED_PRECONDITION, "method is not supported in container mode"],
    [status.UNIMPLEMENTED, "API is not implemented in agent mode"],
  ])("takes code %i, %j for a refusal that no wait changes", (code, details) => {
    const error = toTalosError(failure(details, { code }));
    expect(error).toMatchObject({ kind: "not-supported", code: "unsupported" });
    expect(error.message).toContain(details);
    expect(isReconnectable(error)).toBe(false);
  });

  it("takes our own abort for what it is, whatever the text", () => {
    expect(kindOf(failure("anything", { code: status.CANCELLED, aborted: true }))).toBe("cancelled");
    expect(kindOf(failure("anything", { code: status.CANCELLED }))).toBe("rolled-stream");
  });
});

describe("toTalosError", () => {
  it("writes sentences without grpc's wrapping", () => {
    const { message } = toTalosError(failure(lastError("connect ECONNREFUSED 10.5.0.2:50000")));
    expect(message).toBe("10.5.0.2:50000 cannot be reached: connect ECONNREFUSED 10.5.0.2:50000.");
  });

  it("caps what a node says", () => {
    const { message, details } = toTalosError(failure("x".repeat(100_000), { code: status.UNKNOWN }));
    expect(message.length).toBeLessThan(500);
    expect(details?.length).toBe(2_000);
  });
});

it("tries again only what can heal by itself", () => {
  const again = toldKinds.filter((kind) => isReconnectable(toTalosErrorOf(kind)));
  expect(again).toEqual(["unreachable", "certificate-not-yet-valid", "rolled-stream", "deadline"]);
  expect(isReconnectable(new Error("x"))).toBe(false);
});

/** Misbehaviour is told by our own caps, never by what a call failed with. */
type ToldKind = Exclude<(typeof talosErrorKinds)[number], "misbehaving">;
const toldKinds = talosErrorKinds.filter((kind): kind is ToldKind => kind !== "misbehaving");
const samples: Record<ToldKind, RawFailure> = {
  unreachable: failure(lastError("connect ECONNREFUSED")),
  "refused-certificate": failure(lastError("self-signed certificate")),
  "wrong-name": failure("ERR_TLS_CERT_ALTNAME_INVALID"),
  "certificate-expired": failure(lastError("certificate has expired")),
  "certificate-not-yet-valid": failure(lastError("certificate is not yet valid")),
  "permission-denied": failure("x", { code: status.PERMISSION_DENIED }),
  unimplemented: failure("x", { code: status.UNIMPLEMENTED }),
  "unknown-resource": failure("type X is not supported", {
    code: status.PERMISSION_DENIED,
    method: "/cosi.resource.State/Get",
  }),
  "not-found": failure("x", { code: status.NOT_FOUND }),
  "already-exists": failure("x", { code: status.ALREADY_EXISTS }),
  precondition: failure("x", { code: status.FAILED_PRECONDITION }),
  "not-supported": failure("method is not supported in container mode", { code: status.FAILED_PRECONDITION }),
  invalid: failure("x", { code: status.INVALID_ARGUMENT }),
  "rolled-stream": failure("Connection dropped"),
  cancelled: failure("x", { aborted: true }),
  deadline: failure("x", { code: status.DEADLINE_EXCEEDED, connected: true }),
  "too-large": failure("Received message larger than max (40 vs 32)", { code: status.RESOURCE_EXHAUSTED }),
  "node-failed": failure("x", { code: status.UNKNOWN }),
};
function toTalosErrorOf(kind: ToldKind) {
  const error = toTalosError(samples[kind]);
  expect(error.kind).toBe(kind);
  return error;
}

it.each([
  ["/machine.MachineService/Logs", 'log "ext-foo" was not registered', "not-found"],
  ["/machine.MachineService/Logs", 'container "k8s.io/x" not found', "not-found"],
  ["/machine.MachineService/ServiceRestart", 'log "ext-foo" was not registered', "node-failed"],
])("%s: %s is %s", (method, details, kind) => {
  expect(toTalosError(failure(details, { code: status.UNKNOWN, method })).kind).toBe(kind);
});
