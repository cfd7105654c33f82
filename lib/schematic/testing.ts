import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll } from "vitest";
import { createImageFactory, type ImageFactory } from "@/lib/image-factory/client";
import { canonicalSchematic, idOfCanonical } from "./canonical";
import { parseSchematic } from "./document";

export type FactoryMood = "newest" | "factory-1.4" | "liar" | "refuses" | "down" | "stalls" | "nonsense";

export type TestFactory = {
  mood: FactoryMood;
  /** Bodies of POST /schematics, in order. */
  posted: string[];
  client(): ImageFactory;
};

/** For the top of a test file: an Image Factory on loopback that answers as its mood is; "newest" again after each test. */
export function installTestFactory(): TestFactory {
  let baseUrl = "";
  const state: TestFactory = {
    mood: "newest",
    posted: [],
    client: () => createImageFactory({ baseUrl, timeoutMs: state.mood === "stalls" ? 300 : 15_000 }),
  };

  const answer = (body: string, response: http.ServerResponse) => {
    state.posted.push(body);
    const canonical = canonicalSchematic(parseSchematic(body), state.mood === "factory-1.4" ? "v4-rc4" : "v4-rc6");
    const id = state.mood === "liar" ? "f".repeat(64) : idOfCanonical(canonical);
    if (state.mood === "refuses") response.writeHead(400).end("unknown field\n");
    else if (state.mood === "nonsense") response.end("<html>sign in to the hotel</html>");
    else if (state.mood !== "stalls") response.writeHead(201).end(JSON.stringify({ id, schematic: canonical }));
  };
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => (state.mood === "down" ? request.socket.destroy() : answer(body, response)));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    state.mood = "newest";
    state.posted = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return state;
}
