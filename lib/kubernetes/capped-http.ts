import { type RequestContext, ResponseContext, wrapHttpLibrary } from "@kubernetes/client-node";
import { checkJsonCaps, JsonTooMuch } from "@/lib/core/bounds/bounded-json";
import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import type { httpsAgent } from "@/lib/core/dial/connect";
import { AnswerTooLong, cappedHttps } from "@/lib/core/dial/capped-https";
import { AppError } from "@/lib/core/errors";

const { answerBytes: bytes, answerDepth: depth, answerNodes: nodes } = kubernetesCaps;

const tooMuch = (why: string): AppError =>
  new AppError("unavailable", `The Kubernetes API's answer is not read: ${why}.`, {
    hint: "No Kubernetes API answers so. Look at what runs at the address in the cluster's kubeconfig.",
  });

function checkedText(body: Buffer): string {
  const text = body.toString("utf8");
  try {
    checkJsonCaps(text, { bytes, depth, nodes });
  } catch (error) {
    if (error instanceof JsonTooMuch) throw tooMuch(error.message);
    throw error;
  }
  return text;
}

async function send(request: RequestContext, agent: ReturnType<typeof httpsAgent>): Promise<ResponseContext> {
  const body = request.getBody();
  const signal = request.getSignal();
  try {
    const answer = await cappedHttps(request.getUrl(), {
      agent,
      method: String(request.getHttpMethod()),
      headers: request.getHeaders(),
      maxBytes: bytes,
      ...(typeof body === "string" && { body }),
      ...(signal && { signal: signal as AbortSignal }),
    });
    return new ResponseContext(answer.status, answer.headers, {
      // Async, since a throw would make the client ask for the bytes instead.
      text: async () => checkedText(answer.body),
      binary: () => Promise.resolve(answer.body),
    });
  } catch (error) {
    throw error instanceof AnswerTooLong ? tooMuch(`it is longer than ${bytes / (1024 * 1024)} MiB`) : error;
  }
}

/** HTTPS for the generated client over an agent that judges what it dials: bounded answers, and no redirects. */
export const cappedHttp = (agent: ReturnType<typeof httpsAgent>) =>
  wrapHttpLibrary({ send: (request) => send(request, agent) });
