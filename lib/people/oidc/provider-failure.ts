import { errorMessage } from "@/lib/core/errors";

/** Codes of sockets, resolvers and our own limits: the provider was not heard, or not to the end. */
const unheard =
  /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|EMSGSIZE|EPROTO|HPE_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/;

/**
 * The identity provider failed us. `down`: it cannot be reached or does not answer whole; `nonsense`: what it says cannot be
 * believed. `message` is for the server's log and holds no token.
 */
export class ProviderFailure extends Error {
  override readonly name = "ProviderFailure";
  constructor(
    readonly kind: "down" | "nonsense",
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  /** What was thrown while the provider was asked (by a socket, by openid-client), told apart. */
  static of(error: unknown): ProviderFailure {
    if (error instanceof ProviderFailure) return error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const message = errorMessage(error);
    const down = unheard.test(code) || /timed out after|socket hang up|aborted/.test(message);
    return new ProviderFailure(
      down ? "down" : "nonsense",
      code && !message.includes(code) ? `${code} ${message}` : message,
      error,
    );
  }
}
