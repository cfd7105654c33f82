/**
 * How a node and we prove to each other who we are.
 * - `mtls`: the cluster's OS CA (may be a bundle), our client certificate and its key; PEM each.
 * - `maintenance`: the node has no CA yet. `fingerprint` is base64(sha256(SPKI DER)) of the leaf that it shows, as Talos prints it on its
 *   console; null only for the first look of discovery, whose answer the person then confirms.
 */
export type TalosCredentials =
  | { kind: "mtls"; caPem: string; certPem: string; keyPem: string }
  | { kind: "maintenance"; fingerprint: string | null };
