import { z } from "zod";
import { liveFrame, type LiveFrame } from "@/lib/live/frames";

const answer = z.object({ data: z.unknown(), error: z.object({ code: z.string(), message: z.string() }).optional() });

/** What a browser reads of a stream of server-sent events: the data of each. */
async function* dataOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const line = part.split("\n").find((text) => text.startsWith("data: "));
      if (line) yield JSON.parse(line.slice("data: ".length));
    }
  }
}

/** A running console as a script sees it: HTTP with an API token. */
export class ConsoleHttp {
  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {}

  async get(path: string, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(`${this.address}/api/${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
      ...(signal && { signal }),
    });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  /** One collection, or one thing of it. */
  async read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    const { data } = answer.parse(await (await this.get(`v1/${path}`)).json());
    return schema.parse(data);
  }

  /** Carries an operation out; what it is refused with is thrown. */
  async operate<Schema extends z.ZodType>(name: string, input: unknown, schema: Schema): Promise<z.output<Schema>> {
    const response = await fetch(`${this.address}/api/v1/operations/${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    const { data, error } = answer.parse(await response.json());
    if (error) throw new Error(`${name}: ${error.code}, ${error.message}`);
    return schema.parse(data);
  }

  /** The frames of the live stream until `stop` aborts. */
  async *live(stop: AbortSignal): AsyncGenerator<LiveFrame> {
    for await (const data of this.stream("live", stop)) yield liveFrame.parse(data);
  }

  /** What any of the console's streams tells. */
  async *stream(path: string, stop: AbortSignal): AsyncGenerator<unknown> {
    const { body } = await this.get(path, stop);
    if (!body) throw new Error(`GET ${path} has no body.`);
    yield* dataOf(body);
  }
}
