import { describe, expect, it } from "vitest";
import { toTalosError } from "@/lib/talos/classify";
import { reconnecting } from "@/lib/talos/reconnect";

const broken = () =>
  toTalosError({
    code: 14,
    details: "Connection dropped",
    method: "",
    address: "x",
    started: true,
    aborted: false,
    connected: false,
    maintenance: false,
  });

/** Runs attempts that fail as told, until there are no more; returns the waits. */
async function waitsOf(lives: ("fail" | "up-then-fail" | "end")[], random = () => 0.999_999) {
  const controller = new AbortController();
  const waits: number[] = [];
  await reconnecting({
    signal: controller.signal,
    random,
    wait: async (durationMs) => void waits.push(durationMs),
    attempt: async ({ number, up }) => {
      const life = lives[number];
      if (life === undefined) return controller.abort();
      if (life === "up-then-fail") up();
      if (life !== "end") throw broken();
    },
  });
  return waits;
}

describe("reconnecting", () => {
  it("waits longer and longer, never more than 15 s, with full jitter", async () => {
    const lives = Array<"fail">(9).fill("fail");
    expect(await waitsOf(lives)).toEqual([499, 999, 1999, 3999, 7999, 14999, 14999, 14999, 14999]);
    expect(await waitsOf(lives, () => 0)).toEqual(Array(9).fill(0));
  });

  it("starts from the shortest wait again once a connection worked", async () => {
    expect(await waitsOf(["fail", "fail", "fail", "up-then-fail", "fail", "end"])).toEqual([
      499, 999, 1999, 499, 999, 1999,
    ]);
  });

  it("gives up on what cannot heal, and tells it", async () => {
    const denied = toTalosError({
      code: 7,
      details: "no",
      method: "",
      address: "x",
      started: true,
      aborted: false,
      connected: true,
      maintenance: false,
    });
    const { signal } = new AbortController();
    await expect(reconnecting({ signal, attempt: () => Promise.reject(denied) })).rejects.toBe(denied);
    await expect(reconnecting({ signal, attempt: () => Promise.reject(new TypeError("bug")) })).rejects.toThrow("bug");
  });

  it("ends quietly when it is aborted during a wait", async () => {
    const controller = new AbortController();
    const downs: unknown[] = [];
    await reconnecting({
      signal: controller.signal,
      random: () => 0.9,
      baseMs: 60_000,
      attempt: () => Promise.reject(broken()),
      onDown: ({ error, waitMs }) => {
        downs.push([(error as Error).message, waitMs]);
        controller.abort();
      },
    });
    expect(downs).toEqual([["The connection to x broke off during connecting: Connection dropped.", 13_500]]);
  });
});
