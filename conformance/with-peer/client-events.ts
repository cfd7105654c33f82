import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import type { TalosEvent } from "@/lib/talos/events";
import { reconnecting } from "@/lib/talos/reconnect";
import { after, fails, upTo } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, ready, type Stage } from "./stage";

const isBooted = (event: TalosEvent) =>
  event.kind === "sequence" && event.sequence === "boot" && event.action === "stop";

async function history({ checks }: Stage, client: TalosClient): Promise<TalosEvent[]> {
  let past: TalosEvent[] = [];
  await checks.that("events: hello, then the boot from its begin", async () => {
    past = await upTo(client.events({ tailEvents: -1 }), isBooted);
    equal(past[0]?.kind, "hello");
    deepEqual(
      past.filter(({ kind }) => kind === "sequence").map((event) => event.kind === "sequence" && event.sequence),
      ["initialize", "initialize", "boot", "boot"],
    );
    const kinds = new Set(past.map(({ kind }) => kind));
    for (const kind of ["phase", "task", "service", "machine-status"]) ok(kinds.has(kind as TalosEvent["kind"]), kind);
    ok(!kinds.has("unknown"));
  });
  await checks.that("events: identities of xid's form, in order", () => {
    const ids = past.slice(1).map(({ id }) => id);
    ok(ids.every((id) => /^[0-9a-v]{20}$/.test(id)));
    deepEqual(ids, [...ids].sort());
  });
  await checks.that("events: phases and tasks begin and end, and a stage names what it lacks", () => {
    const of = (phase: string) =>
      past.flatMap((event) => (event.kind === "phase" && event.phase === phase ? [event.action] : []));
    deepEqual(of("startEverything"), ["start", "stop"]);
    const booting = past.find((event) => event.kind === "machine-status" && event.stage === "booting");
    ok(booting?.kind === "machine-status" && booting.unmetConditions.some(({ name }) => name === "services"));
    const service = past.findLast((event) => event.kind === "service" && event.service === "kubelet");
    ok(service?.kind === "service" && service.state === "Running" && service.healthy === true);
  });
  return past;
}

async function tails({ checks }: Stage, client: TalosClient, past: TalosEvent[]): Promise<void> {
  await checks.that("events: the newest three, then what follows", async () => {
    const stopping = (event: TalosEvent) =>
      event.kind === "service" && event.service === "kubelet" && event.state === "Stopping";
    const events = await after(
      client.events({ tailEvents: 3 }),
      ({ kind }) => kind === "hello",
      () => client.serviceRestart("kubelet"),
      stopping,
    );
    equal(events.findIndex(stopping), 4);
  });
  await checks.that("events: on from one that was seen, without a gap", async () => {
    const seen = past[10];
    const next = await upTo(client.events({ tailId: seen?.id ?? "" }), ({ id }) => id === past[13]?.id);
    deepEqual(
      next.slice(1).map(({ id }) => id),
      past.slice(11, 14).map(({ id }) => id),
    );
  });
  await checks.that("events: an identity that is none, and two ways at once", async () => {
    await fails(client.events({ tailId: "nothing" }), "node-failed", /xid/);
    await fails(client.events({ tailId: past[3]?.id ?? "", tailEvents: 2 }), "node-failed");
  });
}

async function live({ checks, open }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  await checks.that("events: what happens while they are followed", async () => {
    const events = await after(
      client.events(),
      ({ kind }) => kind === "hello",
      () => client.serviceRestart("kubelet"),
      (event) => event.kind === "service" && event.service === "kubelet" && event.healthy === true,
    );
    const states = events.flatMap((event) =>
      event.kind === "service" && event.service === "kubelet" ? [event.state] : [],
    );
    for (const state of ["Stopping", "Finished", "Starting", "Running"]) ok(states.includes(state), state);
  });
  await checks.that("events: a dropped connection breaks the stream; the next goes on where it was", async () => {
    const lives: string[][] = [];
    const stop = new AbortController();
    let seen = "";
    await reconnecting({
      signal: stop.signal,
      baseMs: 10,
      async attempt({ up, signal }) {
        const kinds: string[] = [];
        lives.push(kinds);
        for await (const event of client.events({ tailId: seen }, { signal })) {
          kinds.push(event.kind);
          if (event.kind === "hello") up();
          else seen = event.id;
          if (kinds.length === 1) await client.serviceRestart("kubelet");
          if (kinds.length === 4 && lives.length === 1) await peer.drop();
          if (kinds.length >= 3 && lives.length === 2) stop.abort();
        }
      },
      onDown: ({ error }) => match(String(error), /broke off|cannot be reached/),
    });
    equal(lives.length, 2);
    equal(lives[1]?.[0], "hello");
  });
  await checks.that("a dropped connection in every kind of call", async () => {
    const own = open(peer.address, credentialsOf(peer.talosconfig));
    const stream = fails(
      own.logs({ id: "machined", follow: true, tailLines: -1 }, { inactivityMs: 10_000 }),
      "rolled-stream",
    );
    await own.version();
    await upTo(own.logs({ id: "machined", follow: true, tailLines: 1 }), () => true);
    await peer.drop();
    await stream;
    equal((await own.version()).tag, "v1.14.1");
  });
}

/** The event stream: its past, its tails, and what a broken connection does to it. */
export async function checkEvents(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.3:50000", hostname: "events" });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  const past = await history(stage, client);
  await tails(stage, client, past);
  await live(stage, peer, client);
}
