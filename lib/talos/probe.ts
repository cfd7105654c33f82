import { createHash, X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate } from "node:tls";
import { machineRule } from "@/lib/core/dial/address-rule";
import { connectTls } from "@/lib/core/dial/connect";
import { errorMessage } from "@/lib/core/errors";
import { parseAddress } from "@/lib/talos/address";
import { toTalosError } from "@/lib/talos/classify";
import { TalosError } from "@/lib/talos/errors";
import { cleanText } from "@/lib/talos/text";

/** The name in every maintenance certificate (Talos `constants.MaintenanceServiceCommonName`). */
export const maintenanceCommonName = "maintenance-service.talos.dev";

export type CertificateFacts = {
  /** base64(sha256(SPKI DER)), as the Talos console and `talosctl --cert-fingerprint` show it. */
  fingerprint: string;
  subject: string;
  issuer: string;
  notBeforeMs: number;
  notAfterMs: number;
  /** Does it name itself a maintenance certificate? A claim, not a proof. */
  isMaintenance: boolean;
};

/** base64(sha256(SPKI DER)) of a PEM or DER certificate. */
export function spkiFingerprint(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64");
}

/** Node gives no text at all for a name without parts, whatever its types say: the issuer of a Talos maintenance certificate. */
const commonName = (name: string | undefined) =>
  cleanText(/^CN=(.*)$/m.exec(name ?? "")?.[1] ?? name?.split("\n")[0] ?? "", { max: 253 });

/** The facts of a leaf certificate; texts are cleaned. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const subject = commonName(certificate.subject);
  const issuer = commonName(certificate.issuer);
  return {
    fingerprint: spkiFingerprint(certificate),
    subject,
    issuer,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    isMaintenance:
      [subject, issuer].includes(maintenanceCommonName) ||
      certificate.subjectAltName?.includes(maintenanceCommonName) === true,
  };
}

/**
 * Connects without trusting anybody and reads the certificate that is shown. Nothing is sent, nothing is believed: the caller compares
 * the fingerprint. Throws a `TalosError` ("unreachable", "refused-certificate" when it does not speak TLS, "cancelled").
 */
export function readCertificate(address: string, timeoutMs = 5_000, signal?: AbortSignal): Promise<CertificateFacts> {
  const { host, port, ip, text } = parseAddress(address);
  const failed = (details: string, cause?: unknown) =>
    toTalosError({
      code: 14,
      details,
      method: "",
      address: text,
      started: false,
      aborted: signal?.aborted ?? false,
      connected: false,
      maintenance: false,
      cause,
    });
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(failed("cancelled"));
    let socket: ReturnType<typeof connectTls>;
    try {
      socket = connectTls(
        {
          host,
          port,
          rejectUnauthorized: false,
          ALPNProtocols: ["h2"],
          minVersion: "TLSv1.2",
          ...(ip ? {} : { servername: host }),
        },
        machineRule,
      );
    } catch (error) {
      return reject(failed(`No connection established. Last error: ${errorMessage(error)}`, error));
    }
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      act();
    };
    const onAbort = () => settle(() => reject(failed("cancelled", signal?.reason)));
    const timer = setTimeout(
      () =>
        settle(() =>
          reject(failed(`No connection established. Last error: nobody answered within ${timeoutMs / 1000} s`)),
        ),
      timeoutMs,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("secureConnect", () => {
      // Whatever a stranger shows: what is thrown here would end the process.
      try {
        // The peer certificate of a DetailedPeerCertificate has `raw`; an anonymous cipher would have none.
        const { raw } = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
        const facts = raw ? certificateFacts(new X509Certificate(raw)) : null;
        settle(() => (facts ? resolve(facts) : reject(failed("SSL routines: no certificate shown"))));
      } catch (error) {
        settle(() => reject(failed("SSL routines: its certificate cannot be read", error)));
      }
    });
    socket.once("error", (error) =>
      settle(() => reject(failed(`No connection established. Last error: ${error.message}`, error))),
    );
    socket.once("end", () =>
      settle(() =>
        reject(failed("No connection established. Last error: it closed the connection before the handshake")),
      ),
    );
  });
}

/** Compares a leaf with the fingerprint that a person confirmed. Throws "refused-certificate" when they differ. */
export function checkPin(facts: CertificateFacts, fingerprint: string | null, address: string): void {
  if (fingerprint === null || facts.fingerprint === fingerprint) return;
  throw new TalosError(`${address} shows the certificate ${facts.fingerprint}, not the confirmed ${fingerprint}.`, {
    kind: "refused-certificate",
    method: "",
    address,
    hint: "Talos makes a new maintenance certificate every 12 hours and on each boot. Compare it with the console and confirm it again.",
  });
}
