import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import { isReconnectable, TalosError } from "@/lib/talos/errors";
import type { TalosEvent } from "@/lib/talos/events";
import { resourceDefs } from "@/lib/talos/resources";
import { eventually, fails } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, ready, restarted, type Stage } from "./stage";

const bootIdOf = async (client: TalosClient) => (await client.get(resourceDefs.bootId)).spec.bootId;

/** Follows the events until the node goes away, and gives them with what ended the stream. */
async function untilGone(
  client: TalosClient,
  begin: () => Promise<unknown>,
): Promise<{ events: TalosEvent[]; end: unknown }> {
  const events: TalosEvent[] = [];
  try {
    for await (const event of client.events()) {
      if (event.kind === "hello") void begin().catch(() => undefined);
      events.push(event);
    }
  } catch (end) {
    return { events, end };
  }
  throw new Error("The stream of events ended well, although a node that restarts breaks it.");
}

const stages = (events: readonly TalosEvent[]) =>
  events.flatMap((event) => (event.kind === "machine-status" ? [event.stage] : []));
const phases = (events: readonly TalosEvent[]) =>
  events.flatMap((event) => (event.kind === "phase" && event.action === "start" ? [event.phase] : []));

async function reboot({ checks }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  await checks.that("a reboot: its events, the broken stream, another boot ID", async () => {
    const before = await bootIdOf(client);
    let actor = "";
    const { events, end } = await untilGone(client, async () => {
      actor = (await client.reboot()).actorId;
    });
    ok(end instanceof TalosError && isReconnectable(end), String(end));
    const own = events.filter(({ actorId }) => actorId === actor && actor !== "");
    deepEqual(
      own.filter(({ kind }) => kind === "sequence").map((event) => event.kind === "sequence" && event.action),
      ["start"],
    );
    deepEqual(phases(own).slice(0, 3), ["cleanup", "dbus", "denyNewServices"]);
    equal(phases(own).at(-1), "stopEverything");
    ok(stages(events).includes("rebooting"));
    const after = await restarted(client, before);
    notEqual(after, before);
    equal((await peer.state()).bootId, after);
  });
  await checks.that("a powercycle restarts, too", async () => {
    const before = await bootIdOf(client);
    await client.reboot({ mode: "powercycle" });
    await restarted(client, before);
  });
  await checks.that("a forced reboot drops everything at once", async () => {
    const before = await bootIdOf(client);
    const { events, end } = await untilGone(client, () => client.reboot({ mode: "force" }));
    ok(isReconnectable(end), String(end));
    deepEqual(phases(events), ["reboot"]);
    await restarted(client, before);
  });
  await checks.that("events of a boot are gone with it", async () => {
    const first: TalosEvent[] = [];
    for await (const event of client.events({ tailEvents: -1 })) {
      first.push(event);
      if (first.length === 3) break;
    }
    ok(first[1]?.kind === "sequence" && first[1].sequence === "initialize");
  });
  await checks.that("what is asked while it is away fails as something that passes", async () => {
    const before = await bootIdOf(client);
    await client.reboot();
    const failures: unknown[] = [];
    await eventually("the restart", async () => {
      try {
        return (await bootIdOf(client)) === before ? null : true;
      } catch (error) {
        failures.push(error);
        return null;
      }
    });
    ok(failures.length > 0 && failures.every(isReconnectable), failures.map(String).join("\n"));
    await ready(client);
  });
}

async function off({ checks }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  await checks.that("rollback without another slot is the node's refusal", () =>
    fails(client.rollback(), "node-failed", /previous UKI/).then(() => {}),
  );
  await checks.that("a shutdown: its events, then nobody, then again", async () => {
    const before = await bootIdOf(client);
    const { events } = await untilGone(client, () => client.shutdown());
    ok(stages(events).includes("shutting-down") && phases(events).includes("drain"));
    await eventually("switching off", async () => ((await peer.state()).off ? true : null));
    await fails(client.version({ deadlineMs: 1_000 }), "unreachable");
    await peer.powerOn();
    await restarted(client, before);
  });
}

async function reset(stage: Stage, control: Peer): Promise<void> {
  const { checks, open, start } = stage;
  const peer = await start({
    address: "127.77.0.9:50000",
    hostname: "reset",
    role: "worker",
    secrets: control.secrets,
    kubernetes: "https://127.77.0.8:6443",
  });
  const client = open(peer.address, credentialsOf(peer.talosconfig));
  await checks.that("a reset: the machine comes back without its config", async () => {
    await eventually("the boot", async () => (await client.version()).tag);
    const { actorId } = await client.reset({ graceful: false, reboot: true });
    ok(actorId !== "");
    await eventually("maintenance mode", async () => ((await peer.state()).fingerprint === "" ? null : true));
    const refused = await fails(client.version(), "refused-certificate");
    ok(/not trusted/.test(refused.message));
  });
}

/** Whatever takes a node down: it breaks connections and comes back as another boot. */
export async function checkRestart(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.8:50000", hostname: "restart" });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  await reboot(stage, peer, client);
  await off(stage, peer, client);
  await reset(stage, peer);
}
