import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { after, eventually, fails } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, ready, restarted, type Stage } from "./stage";

const { machineConfig, hostnameStatus, bootId } = resourceDefs;
const active = async (client: TalosClient) => (await client.get(machineConfig)).spec;
const persistent = async (client: TalosClient) => (await client.get(machineConfig, "persistent")).spec;
const named = (config: string, hostname: string) => config.replace(/^hostname: \S+$/m, `hostname: ${hostname}`);

async function dryRuns({ checks }: Stage, client: TalosClient): Promise<void> {
  const before = await active(client);
  await checks.that("a dry run says what would change, and changes nothing", async () => {
    const answer = await client.applyConfiguration({ config: named(before, "other"), mode: "auto", dryRun: true });
    equal(answer.mode, "no-reboot");
    match(answer.modeDetails, /^Dry run summary:\n/);
    match(answer.modeDetails, /^-hostname: config$/m);
    match(answer.modeDetails, /^\+hostname: other$/m);
    equal(await active(client), before);
  });
  await checks.that("a dry run without a change says so", async () => {
    const answer = await client.applyConfiguration({ config: before, mode: "auto", dryRun: true });
    match(answer.modeDetails, /No changes\.$/);
  });
}

async function refusals({ checks, open }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  const before = await active(client);
  const apply = (config: string) => client.applyConfiguration({ config, mode: "auto" });
  await checks.that("configs that Talos refuses, each for its reason", async () => {
    await fails(apply("machine: ["), "invalid");
    await fails(apply(before.replace("debug: false", "debugg: false")), "invalid", /debugg/);
    await fails(apply(before.replace(/type: controlplane/, "type: something")), "invalid");
    await fails(apply(`${before}---\napiVersion: v1alpha1\nkind: NoSuchConfig\n`), "invalid", /NoSuchConfig/);
    await fails(apply("apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: alone\n"), "invalid", /v1alpha1/);
    equal(await active(client), before);
  });
  await checks.that("a mode that is gone since 1.14", () =>
    fails(client.applyConfiguration({ config: before, mode: "reboot" }), "unimplemented").then(() => {}),
  );
  await checks.that("a reader may not apply", () =>
    fails(
      open(peer.address, credentialsOf(peer.readerTalosconfig)).applyConfiguration({ config: before, mode: "auto" }),
      "permission-denied",
    ).then(() => {}),
  );
}

async function applied({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("applied at once: what follows from it is told", async () => {
    const wanted = named(await active(client), "renamed");
    const events = await after(
      client.watch(hostnameStatus, { id: "hostname" }),
      ({ kind }) => kind === "created",
      async () => {
        const answer = await client.applyConfiguration({ config: wanted, mode: "auto" });
        deepEqual([answer.mode, answer.warnings], ["no-reboot", []]);
        match(answer.modeDetails, /without a reboot/);
      },
      ({ kind, resource }) => kind === "updated" && resource.spec?.hostname === "renamed",
    );
    ok(events.length >= 3);
    equal(await active(client), wanted);
    equal(await persistent(client), wanted);
  });
  await checks.that("tried: taken back by itself", async () => {
    const before = await active(client);
    const answer = await client.applyConfiguration({ config: named(before, "tried"), mode: "try", tryTimeoutMs: 300 });
    equal(answer.mode, "try");
    equal(await persistent(client), before);
    equal((await client.get(hostnameStatus)).spec.hostname, "tried");
    await eventually("the return", async () => ((await active(client)) === before ? true : null));
  });
  await checks.that("tried, then kept by applying again", async () => {
    const wanted = named(await active(client), "kept");
    await client.applyConfiguration({ config: wanted, mode: "try", tryTimeoutMs: 60_000 });
    await client.applyConfiguration({ config: wanted, mode: "no-reboot" });
    equal(await persistent(client), wanted);
  });
  await checks.that("staged: only the next boot takes it", async () => {
    const before = await active(client);
    const wanted = named(before, "config");
    equal((await client.applyConfiguration({ config: wanted, mode: "staged" })).mode, "staged");
    equal(await active(client), before);
    equal(await persistent(client), wanted);
    const { bootId: boot } = (await client.get(bootId)).spec;
    await client.reboot();
    notEqual(await restarted(client, boot), boot);
    equal(await active(client), wanted);
  });
}

/** Machine configs: judged, tried, staged and applied, as Talos' own loader and rules have it. */
export async function checkConfig(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.4:50000", hostname: "config" });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  await dryRuns(stage, client);
  await refusals(stage, peer, client);
  await applied(stage, client);
}
