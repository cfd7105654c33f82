import type http from "node:http";
import type { DialRule } from "./address-rule";
import { httpAgent, httpsAgent } from "./connect";

/** Of one answer, head and body: what is asked for in this way (documents, keys, tokens) is a few KiB. */
export const mostAnswerBytes = 1024 * 1024;
/** From the dial to the last byte. */
export const answerTimeoutMs = 20_000;

type Limits = { maxBytes?: number; timeoutMs?: number };

/**
 * An agent whose connections go through the address guard, carry one request each, and end after so many bytes or so much
 * time: for clients of others that read answers of any length and wait as long as bytes come, as openid-client does.
 */
export function boundedAgent(
  url: string,
  rule: DialRule,
  { maxBytes = mostAnswerBytes, timeoutMs = answerTimeoutMs }: Limits = {},
): http.Agent {
  const agent = url.startsWith("https:") ? httpsAgent(rule) : httpAgent(rule);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const socket = connect(...args);
    if (!socket) return socket;
    let bytes = 0;
    const end = (code: string, sentence: string) => socket.destroy(Object.assign(new Error(sentence), { code }));
    const timer = setTimeout(() => end("ETIMEDOUT", `no whole answer within ${timeoutMs / 1000} s`), timeoutMs);
    socket.once("close", () => clearTimeout(timer));
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) end("EMSGSIZE", `the answer is longer than ${maxBytes} bytes`);
    });
    return socket;
  };
  return agent;
}
