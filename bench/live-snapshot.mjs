/**
 * Reads `GET /api/live` with an API token until `isWhole` says so of the nodes that it has told; resolves with the time of
 * that and of `synced`, both by `performance.now()`, and the bytes that came.
 */
export async function readLive({ address, token, isWhole, withinMs }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`no whole snapshot within ${withinMs / 1000} s`)), withinMs);
  const nodes = new Map();
  let syncedAtMs = null;
  let bytes = 0;
  let rest = "";
  try {
    const response = await fetch(`${address}/api/live`, {
      headers: { authorization: `Bearer ${token}` },
      signal: stop.signal,
    });
    if (!response.ok) throw new Error(`GET /api/live answered ${response.status}: ${await response.text()}`);
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      bytes += chunk.length;
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const data = part.split("\n").find((line) => line.startsWith("data: "));
        if (!data) continue;
        const frame = JSON.parse(data.slice("data: ".length));
        if (frame.type === "node.upsert") nodes.set(frame.node.id, isComplete(frame.node));
        if (frame.type === "synced") syncedAtMs ??= performance.now();
      }
      if (syncedAtMs !== null && isWhole(nodes)) return { wholeAtMs: performance.now(), syncedAtMs, bytes };
    }
    throw new Error("the live stream ended early");
  } catch (error) {
    const complete = [...nodes.values()].filter(Boolean).length;
    throw new Error(`The live stream: ${error.message} (${complete} of ${nodes.size} nodes were complete).`);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** A node that a page can show: reached, and with what it says of itself. */
const isComplete = (node) =>
  node.reachability.state === "reachable" && node.talosVersion !== null && node.hardware !== null;

/** So many nodes, all complete. */
export const allComplete = (count) => (nodes) => nodes.size >= count && [...nodes.values()].every(Boolean);
