import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import type { DialRule } from "./address-rule";
import { checkLiteral, guardedLookup } from "./resolve";

/** TLS over a socket that is connected already, which dials nobody. */
export const secureOver = tls.connect;

/**
 * TLS to `host:port`, to an address that the rule allows and no other.
 * @throws AppError `refused` for an IP literal that may not be dialled; for a name the socket ends with that error.
 */
export function connectTls(
  options: tls.ConnectionOptions & { host: string; port: number },
  rule: DialRule,
): tls.TLSSocket {
  checkLiteral(options.host, rule);
  return tls.connect({ ...options, lookup: guardedLookup(rule) });
}

type AgentOptions = {
  /** `https://host:port`: connections elsewhere are refused, wherever an answer redirects to. */
  origin?: string;
};

function refuseOtherOrigin(
  scheme: "http" | "https",
  options: http.ClientRequestArgs,
  origin: string | undefined,
): void {
  if (origin === undefined) return;
  const url = new URL(origin);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol === `${scheme}:` && options.host === host && Number(options.port ?? port) === port) return;
  throw Object.assign(new Error("the answer leads to another host, which is not followed"), { code: "EREDIRECT" });
}

type Callback = Parameters<http.Agent["createConnection"]>[1];

/**
 * Runs the checks, then connects. A refusal goes to the callback, which makes it the request's error: one that was thrown
 * would end the process where the agent opens the next connection by itself.
 */
function guarded<T>(check: () => void, connect: () => T, callback: Callback): T | undefined {
  try {
    check();
  } catch (error) {
    if (!callback) throw error;
    callback(error instanceof Error ? error : new Error(String(error)), undefined as never);
    return undefined;
  }
  return connect();
}

class GuardedHttpAgent extends http.Agent {
  constructor(
    private readonly rule: DialRule,
    private readonly guard: AgentOptions,
    options: http.AgentOptions,
  ) {
    super(options);
  }
  override createConnection(
    ...[options, callback]: Parameters<http.Agent["createConnection"]>
  ): ReturnType<http.Agent["createConnection"]> {
    return guarded(
      () => {
        checkLiteral(String(options.host ?? "localhost"), this.rule);
        refuseOtherOrigin("http", options, this.guard.origin);
      },
      () => super.createConnection({ ...options, lookup: guardedLookup(this.rule) }, callback),
      callback,
    );
  }
}

class GuardedHttpsAgent extends https.Agent {
  constructor(
    private readonly rule: DialRule,
    private readonly guard: AgentOptions,
    options: https.AgentOptions,
  ) {
    super(options);
  }
  override createConnection(
    ...[options, callback]: Parameters<https.Agent["createConnection"]>
  ): ReturnType<https.Agent["createConnection"]> {
    return guarded(
      () => {
        checkLiteral(String(options.host ?? "localhost"), this.rule);
        refuseOtherOrigin("https", options, this.guard.origin);
      },
      () => super.createConnection({ ...options, lookup: guardedLookup(this.rule) }, callback),
      callback,
    );
  }
}

/**
 * Agents for HTTP clients of others (the Kubernetes client, openid-client): every connection that they open is judged by
 * `rule`, whatever address, name or redirect it comes from. Give a client both, by the scheme of the URL.
 */
export const httpAgent = (rule: DialRule, options: http.AgentOptions & AgentOptions = {}): http.Agent =>
  new GuardedHttpAgent(rule, options, options);
export const httpsAgent = (rule: DialRule, options: https.AgentOptions & AgentOptions = {}): https.Agent =>
  new GuardedHttpsAgent(rule, options, options);
