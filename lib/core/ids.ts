import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** A random id of 20 characters (100 bits, Crockford's base 32, lower case) behind a prefix that names its kind: `run_4x…`. */
export function newId(
  prefix:
    | "cluster"
    | "node"
    | "user"
    | "session"
    | "identity"
    | "token"
    | "run"
    | "audit"
    | "profile"
    | "scan"
    | "media"
    | "patch"
    | "request"
    | "secret"
    | "config",
): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(20)) id += alphabet[byte & 31];
  return id;
}
