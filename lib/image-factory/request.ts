import { factoryCaps } from "@/lib/core/bounds/input-caps";
import { guardedFetch } from "@/lib/core/dial/request";
import { AppError, errorMessage } from "@/lib/core/errors";
import { FactoryError, factoryText } from "./factory-error";

type SentRequest = Pick<FactoryRequest, "method" | "body">;

export type FactoryRequest = {
  method?: "GET" | "HEAD" | "POST";
  body?: string;
  /** Time until the last byte. */
  timeoutMs: number;
  /** Longest body that is read. */
  maxBytes: number;
  signal?: AbortSignal | undefined;
};

const maxRedirects = factoryCaps.redirects;

/** Why a connection failed: the system's code, or the sentence of the refusal. */
export function reasonOf(error: unknown): string {
  if (error instanceof AppError) return factoryText(error.message.replace(/\.$/, ""));
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  return factoryText(code ?? errorMessage(error));
}

/**
 * May a request to `base` be sent on to `target`? Only within the same host, and never from https to http: the factory's
 * own API never needs more, and anything else could be led to addresses inside our network.
 */
export function mayFollow(base: URL, target: URL): boolean {
  if (target.username || target.password || target.hostname !== base.hostname) return false;
  if (target.protocol === "https:") return base.protocol === "http:" || target.port === base.port;
  return target.protocol === "http:" && base.protocol === "http:" && target.port === base.port;
}

export async function follow(url: URL, request: SentRequest, signal: AbortSignal): Promise<Response> {
  let current = url;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await guardedFetch(
      current,
      {
        method: request.method ?? "GET",
        signal,
        ...(request.body === undefined ? {} : { body: request.body, headers: { "content-type": "application/yaml" } }),
      },
      // Redirects stay on the host that ICHOR_FACTORY_URL names, so the first address is the setting's.
      { kind: "service", url: url.origin },
    );
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || !location) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, current) ? new URL(location, current) : null;
    if (!next || !mayFollow(current, next)) {
      throw new FactoryError("nonsense", "The Image Factory sent us on to another host, which is not followed.", {
        hint: "Check ICHOR_FACTORY_URL: it must be the factory's own address.",
      });
    }
    current = next;
  }
  throw new FactoryError("nonsense", `The Image Factory sent us on more than ${maxRedirects} times.`);
}

export async function readCapped(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (bytes > maxBytes)
      throw new FactoryError("nonsense", `The Image Factory's answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Turns an answer that is not a success into the error that it is. */
export function refusal(status: number, text: string): FactoryError {
  const details = `HTTP ${status}${text ? `: ${text}` : ""}`;
  if (status === 429 || status >= 500) {
    return new FactoryError("failed", "The Image Factory failed to answer.", {
      details,
      hint: "Try again in a moment.",
    });
  }
  const why = text ? `: ${text}` : ` (HTTP ${status}).`;
  return new FactoryError("refused", `The Image Factory refused${why}`, { details });
}

export type FactoryAnswer = { status: number; headers: Headers; text: string };

/**
 * One request to the factory, read whole.
 * @throws FactoryError for everything that is not a success. An abort by `signal` rejects with its reason.
 */
export async function factoryRequest(url: URL, request: FactoryRequest): Promise<FactoryAnswer> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  try {
    const response = await follow(url, request, signal);
    const text = await readCapped(response, response.ok ? request.maxBytes : 4096).catch((error: unknown) => {
      // Of a refusal only the status counts.
      if (response.ok || signal.aborted) throw error;
      return "";
    });
    if (!response.ok) throw refusal(response.status, factoryText(text));
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    if (request.signal?.aborted) throw request.signal.reason;
    const reason = timeout.aborted ? `no answer within ${Math.round(request.timeoutMs / 1000)} s` : reasonOf(error);
    throw new FactoryError("unreachable", `The Image Factory at ${url.host} cannot be reached: ${reason}.`, {
      hint: "Check ICHOR_FACTORY_URL and the network between Ichor and the factory.",
      cause: error,
    });
  }
}
