import { createSecureContext, type SecureContext } from "node:tls";
import { errorMessage } from "@/lib/core/errors";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { TalosError } from "@/lib/talos/errors";
import { toNodeKeyPem } from "@/lib/talos/pem";

type Mtls = Extract<TalosCredentials, { kind: "mtls" }>;

// One context serves all nodes of a cluster: parsing keys for each of a thousand channels costs seconds and memory.
const contexts = new WeakMap<Mtls, SecureContext>();

/** TLS 1.2 or newer, as apid demands. Throws "refused-certificate" when the three parts cannot be used together. */
export function mtlsContext(credentials: Mtls, address: string): SecureContext {
  const known = contexts.get(credentials);
  if (known) return known;
  try {
    const context = createSecureContext({
      ca: credentials.caPem,
      cert: credentials.certPem,
      key: toNodeKeyPem(credentials.keyPem),
      minVersion: "TLSv1.2",
    });
    contexts.set(credentials, context);
    return context;
  } catch (cause) {
    throw new TalosError("The client certificate, its key and the CA cannot be used together.", {
      kind: "refused-certificate",
      method: "",
      address,
      hint: "Import the talosconfig again.",
      details: errorMessage(cause),
    });
  }
}
