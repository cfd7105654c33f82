import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { DialRule } from "./address-rule";
import { httpAgent, httpsAgent } from "./connect";

export type GuardedRequest = {
  method?: "GET" | "HEAD" | "POST";
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
};

/** One pair per rule, so that connections are used again. */
const agents = new Map<string, { http: http.Agent; https: https.Agent }>();

function agentsFor(rule: DialRule): { http: http.Agent; https: https.Agent } {
  const key = rule.kind === "service" ? rule.url : rule.kind;
  let pair = agents.get(key);
  if (!pair) {
    pair = { http: httpAgent(rule, { keepAlive: true }), https: httpsAgent(rule, { keepAlive: true }) };
    agents.set(key, pair);
  }
  return pair;
}

const withoutBody = new Set([204, 205, 304]);

/**
 * What `fetch` does, through the guarded door: one request, no redirect followed, nothing taken from the environment.
 * @throws the socket's error (with its `code`), AppError `refused` for an address that may not be dialled, or the signal's reason.
 */
export function guardedFetch(url: URL, request: GuardedRequest, rule: DialRule): Promise<Response> {
  const secure = url.protocol === "https:";
  const agent = agentsFor(rule);
  const { method = "GET", headers = {}, body, signal } = request;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const sent = (secure ? https : http).request(url, {
      agent: secure ? agent.https : agent.http,
      method,
      headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
      ...(signal && { signal }),
    });
    sent.once("error", (error) => reject(signal?.aborted ? signal.reason : error));
    sent.once("response", (incoming) => {
      const status = incoming.statusCode ?? 0;
      const received = new Headers();
      for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2)
        received.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
      if (status < 200 || status > 599) {
        incoming.destroy();
        return reject(new Error(`the answer has the status ${status}`));
      }
      const empty = method === "HEAD" || withoutBody.has(status);
      if (empty) incoming.resume();
      const stream = empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
      resolve(new Response(stream as BodyInit | null, { status, headers: received }));
    });
    sent.end(body);
  });
}
