import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { CallCredentials, ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { secureOver } from "@/lib/core/dial/connect";
import { spkiFingerprint } from "@/lib/talos/probe";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

function fingerprintOf(socket: TLSSocket): string | null {
  // Whatever a stranger shows: what is thrown here must end the connection and nothing else.
  try {
    const { raw } = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
    return raw ? spkiFingerprint(new X509Certificate(raw)) : null;
  } catch {
    return null;
  }
}

/**
 * TLS to whoever holds one key, and to nobody else: names, issuer and dates of the certificate are not looked at, as `talosctl --insecure
 * --cert-fingerprint` does it (Talos `pkg/machinery/client/options.go`). A machine without a config dates its certificate by a clock
 * that may be years off, which TLS' own check would refuse.
 */
class PinnedCredentials extends ChannelCredentials {
  constructor(
    private readonly fingerprint: string,
    private readonly host: string,
  ) {
    super();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other instanceof PinnedCredentials && other.fingerprint === this.fingerprint && other.host === this.host;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: ChannelOptions,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): SecureConnector {
    return {
      connect: (socket) =>
        new Promise((resolve, reject) => {
          const secured = secureOver({
            socket,
            // The check is the one below: nothing is written before it.
            rejectUnauthorized: false,
            ALPNProtocols: ["h2"],
            minVersion: "TLSv1.2",
            ...(isIP(this.host) === 0 ? { servername: this.host } : {}),
          });
          secured.once("secureConnect", () => {
            if (fingerprintOf(secured) === this.fingerprint) return resolve({ socket: secured, secure: true });
            const refusal = new Error("SSL routines: the certificate is not the one that was pinned");
            secured.destroy(refusal);
            reject(refusal);
          });
          secured.on("error", reject);
        }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }
}

/** Credentials that take exactly the key with this fingerprint, base64(sha256(SPKI DER)). */
export const pinnedCredentials = (fingerprint: string, host: string): ChannelCredentials =>
  new PinnedCredentials(fingerprint, host);
