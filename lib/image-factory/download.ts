import { factoryCaps } from "@/lib/core/bounds/input-caps";
import { FactoryError, factoryText } from "./factory-error";
import { follow, readCapped, reasonOf, refusal } from "./request";

export type DownloadOptions = {
  maxBytes: number;
  signal: AbortSignal | undefined;
  /** Time until the first byte: the factory builds an asset when it is first asked for. */
  buildTimeoutMs: number;
  /** Longest silence after it. */
  stallTimeoutMs: number;
  /** Longest time that the factory may take for all of it, without the reader's pauses. */
  totalMs?: number;
};

/** A clock that aborts when it is not wound again in time. */
function watchdog(): { signal: AbortSignal; wind(timeoutMs: number): void; rest(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const rest = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    rest,
    wind: (timeoutMs) => {
      rest();
      timer = setTimeout(() => controller.abort(), timeoutMs);
    },
  };
}

/**
 * The bytes of one asset. The request ends when the caller stops reading.
 * @throws FactoryError while iterating: refused, unreachable, stalled, shorter than announced, or longer than `maxBytes`.
 */
export async function* downloadAsset(url: URL, options: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { maxBytes, stallTimeoutMs, buildTimeoutMs } = options;
  const dog = watchdog();
  const signal = options.signal ? AbortSignal.any([options.signal, dog.signal]) : dog.signal;
  const { totalMs = factoryCaps.downloadMs } = options;
  let bytes = 0;
  let spentMs = 0;
  try {
    dog.wind(buildTimeoutMs);
    const response = await follow(url, {}, signal);
    if (!response.ok) throw refusal(response.status, factoryText(await readCapped(response, 4096).catch(() => "")));
    if (!response.body) throw new FactoryError("nonsense", "The Image Factory answered with nothing.");
    let sinceMs = performance.now();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new FactoryError("nonsense", `The asset is longer than ${maxBytes} bytes.`);
      // The reader's own pauses are not the factory's.
      dog.rest();
      spentMs += performance.now() - sinceMs;
      if (spentMs > totalMs)
        throw new FactoryError("unreachable", `The asset did not come within ${Math.round(totalMs / 60_000)} minutes.`);
      yield chunk;
      sinceMs = performance.now();
      dog.wind(stallTimeoutMs);
    }
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    if (options.signal?.aborted) throw options.signal.reason;
    const reason = dog.signal.aborted
      ? `nothing came for ${Math.round((bytes > 0 ? stallTimeoutMs : buildTimeoutMs) / 1000)} s`
      : reasonOf(error);
    throw new FactoryError(
      "unreachable",
      `The download from the Image Factory ended after ${bytes} bytes: ${reason}.`,
      { cause: error },
    );
  } finally {
    dog.rest();
  }
}
