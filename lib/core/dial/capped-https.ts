import https from "node:https";

export type CappedRequest = {
  /** One of `httpsAgent`: it judges what is dialled. */
  agent: https.Agent;
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
  /** Longest body that is read. */
  maxBytes: number;
};
export type CappedAnswer = { status: number; headers: Record<string, string>; body: Buffer };

/** The answer's body is longer than is read. */
export class AnswerTooLong extends Error {}

async function readBody(response: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    size += part.byteLength;
    // Leaving the loop destroys the response.
    if (size > maxBytes) throw new AnswerTooLong();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * One HTTPS request for a client of others that brings its own agent, answered whole. No redirect is followed.
 * @throws AnswerTooLong; the socket's error; the signal's AbortError.
 */
export function cappedHttps(
  url: string,
  { agent, method, headers, body, signal, maxBytes }: CappedRequest,
): Promise<CappedAnswer> {
  return new Promise((resolve, reject) => {
    const sent = https.request(url, { agent, method, headers, ...(signal && { signal }) });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
      readBody(response, maxBytes).then(
        (read) => resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(named), body: read }),
        reject,
      );
    });
    sent.end(body);
  });
}
