import "server-only";
import { z } from "zod";
import { atMostItems } from "@/lib/core/bounds/at-most-items";
import { JsonTooMuch, parseBoundedJson } from "@/lib/core/bounds/bounded-json";
import { factoryCaps } from "@/lib/core/bounds/input-caps";
import { AppError } from "@/lib/core/errors";
import { checkedSchematicId, pxeUrlOf, releaseTag } from "./asset-urls";
import { downloadAsset } from "./download";
import { FactoryError } from "./factory-error";
import { factoryRequest, type FactoryRequest } from "./request";

export type OfficialExtension = { name: string; digest: string; author: string; description: string };

export type ImageFactory = {
  readonly baseUrl: string;
  readonly pxeBaseUrl: string;
  /** Talos releases that it builds, ascending, `v1.14.0`. */
  versions(signal?: AbortSignal): Promise<string[]>;
  /** Official extensions of a release; the names are what goes into a schematic. Kept for ten minutes. */
  officialExtensions(talosVersion: string, signal?: AbortSignal): Promise<OfficialExtension[]>;
  /** Registers a schematic, which may be done any number of times. `canonical` is null where the factory does not tell it. */
  registerSchematic(yaml: string, signal?: AbortSignal): Promise<{ id: string; canonical: string | null }>;
  /** The canonical text of a schematic; null where the factory does not know the ID, or is too old to tell. */
  schematic(id: string, signal?: AbortSignal): Promise<string | null>;
  /** Is an asset there? The first request for an asset builds it, which may take minutes. */
  head(url: string, signal?: AbortSignal): Promise<{ bytes: number | null; contentType: string | null }>;
  /** Bytes of an asset as they come. Ends with `FactoryError` when it stalls, is cut or grows beyond `maxBytes`. */
  download(url: string, options: { maxBytes: number; signal?: AbortSignal }): AsyncIterable<Uint8Array>;
};

export type ImageFactoryOptions = {
  baseUrl: string;
  pxeBaseUrl?: string;
  timeoutMs?: number;
  /** For `head`, which waits for a build. */
  buildTimeoutMs?: number;
  /** Longest silence within a download. */
  stallTimeoutMs?: number;
  now?: () => number;
};

const extension = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,120}$/i),
  digest: z.string().max(200).default(""),
  author: z.string().max(500).default(""),
  description: z.string().max(5000).default(""),
});
const extensionList = atMostItems(extension, factoryCaps.extensions);
const versionList = atMostItems(z.string().regex(/^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,40})?$/), factoryCaps.versions);
const registered = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/), schematic: z.string().nullish() });

const keepMs = 10 * 60_000;
const answerCaps = {
  bytes: factoryCaps.answerBytes,
  depth: factoryCaps.answerDepth,
  nodes: factoryCaps.answerNodes,
};

function parsed<T extends z.ZodType>(schema: T, text: string, what: string): z.output<T> {
  let value: unknown;
  try {
    // The factory sends its JSON as text/plain, so the header says nothing.
    value = parseBoundedJson(text, answerCaps);
  } catch (error) {
    const why = error instanceof JsonTooMuch ? `: ${error.message}` : "";
    throw new FactoryError("nonsense", `The Image Factory did not answer with ${what}${why}.`, { cause: error });
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new FactoryError("nonsense", `The Image Factory did not answer with ${what}.`, {
      details: z.prettifyError(result.error).slice(0, 500),
    });
  }
  return result.data;
}

function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || url.username || url.password) {
    throw new AppError(
      "invalid-input",
      "The factory's address must be an http(s) URL without a user name or password.",
    );
  }
  return url;
}

/**
 * A client of one Image Factory. Every method throws `FactoryError`; nothing that the factory says is trusted: answers are
 * capped, timed and parsed, and redirects stay on its host.
 */
export function createImageFactory(options: ImageFactoryOptions): ImageFactory {
  const {
    timeoutMs = factoryCaps.answerMs,
    buildTimeoutMs = 10 * 60_000,
    stallTimeoutMs = factoryCaps.stallMs,
    now = Date.now,
  } = options;
  const base = baseOf(options.baseUrl);
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const pxeBaseUrl = (options.pxeBaseUrl ?? pxeUrlOf(baseUrl)).replace(/\/+$/, "");
  const extensions = new Map<string, { at: number; list: OfficialExtension[] }>();

  const ownUrl = (address: string): URL => {
    const url = baseOf(address);
    if (![base.origin, new URL(pxeBaseUrl).origin].includes(url.origin)) {
      throw new AppError("invalid-input", "Only the configured Image Factory is asked for assets.");
    }
    return url;
  };
  const at = (path: string): URL => new URL(`${baseUrl}${path}`);
  const ask = async (path: string, signal: AbortSignal | undefined, more: Partial<FactoryRequest> = {}) =>
    (await factoryRequest(at(path), { timeoutMs, maxBytes: factoryCaps.answerBytes, signal, ...more })).text;

  return {
    baseUrl,
    pxeBaseUrl,

    async versions(signal) {
      return parsed(versionList, await ask("/versions", signal), "its list of Talos versions");
    },

    async officialExtensions(talosVersion, signal) {
      const { tag } = releaseTag(talosVersion);
      const kept = extensions.get(tag);
      if (kept && now() - kept.at < keepMs) return kept.list;
      const text = await ask(`/version/${tag}/extensions/official`, signal);
      const list = parsed(extensionList, text, `the extensions of Talos ${tag}`);
      if (extensions.size >= factoryCaps.keptReleases) extensions.clear();
      extensions.set(tag, { at: now(), list });
      return list;
    },

    async registerSchematic(yaml, signal) {
      const text = await ask("/schematics", signal, { method: "POST", body: yaml });
      const { id, schematic } = parsed(registered, text, "a schematic ID");
      return { id, canonical: schematic ?? null };
    },

    async schematic(id, signal) {
      try {
        return await ask(`/schematics/${checkedSchematicId(id)}`, signal);
      } catch (error) {
        if (error instanceof FactoryError && error.kind === "refused" && /^HTTP (?:404|405)/.test(error.details ?? ""))
          return null;
        throw error;
      }
    },

    download: (url, { maxBytes, signal }) =>
      downloadAsset(ownUrl(url), { maxBytes, signal, buildTimeoutMs, stallTimeoutMs }),

    async head(url, signal) {
      const target = ownUrl(url);
      const { headers } = await factoryRequest(target, {
        method: "HEAD",
        timeoutMs: buildTimeoutMs,
        maxBytes: 0,
        signal,
      });
      const length = headers.get("content-length");
      return {
        bytes: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null,
        contentType: headers.get("content-type"),
      };
    },
  };
}
