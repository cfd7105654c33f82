import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterEach, describe, expect, it } from "vitest";
import type { Data } from "@/lib/talos/gen/common/common";
import type { FileInfo } from "@/lib/talos/gen/machine/files";
import { openChannel } from "@/lib/talos/channel";
import { collectBytes } from "@/lib/talos/files";
import { unpackKubeconfig } from "@/lib/talos/kubeconfig";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair, type Handlers } from "@/lib/talos/testing/node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));
async function clientFor(machine: NonNullable<Handlers["machine"]>) {
  const pair = await startPair({ machine });
  stops.push(pair.stop);
  return pair.client;
}
const frame = (bytes: string | Uint8Array): Data => ({ metadata: undefined, bytes: Buffer.from(bytes) });
const metadata = undefined;

async function archive(files: Record<string, string | Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

describe("kubeconfig", () => {
  it("unpacks what comes in frames", async () => {
    const packed = await archive({ kubeconfig: "apiVersion: v1\nkind: Config\n" });
    const client = await clientFor({
      kubeconfig: (call) => {
        for (let at = 0; at < packed.length; at += 50) call.write(frame(packed.subarray(at, at + 50)));
        call.end();
      },
    });
    await expect(client.kubeconfig()).resolves.toBe("apiVersion: v1\nkind: Config\n");
  });

  it("refuses an archive that is none, holds none, or unpacks to too much", async () => {
    const client = await clientFor({ kubeconfig: (call) => (call.write(frame("not gzip")), call.end()) });
    expect((await failureOf(client.kubeconfig())).kind).toBe("node-failed");
    await expect(unpackKubeconfig(await archive({ other: "x" }))).rejects.toThrow("holds no kubeconfig");
    await expect(unpackKubeconfig(await archive({ kubeconfig: Buffer.alloc(5 * 1024 * 1024) }))).rejects.toThrow(
      "larger than 4194304 bytes",
    );
  });
});

describe("files", () => {
  it("reads a file whole, and stops on the node past the cap", async () => {
    let gone = () => {};
    const cancelled = new Promise<void>((resolve) => (gone = resolve));
    const client = await clientFor({
      read: (call) => {
        call.on("cancelled", gone);
        if (call.request.path === "/proc/sys/kernel/random/boot_id") return (call.write(frame("abc\n")), call.end());
        for (let i = 0; i < 10; i++) call.write(frame("x".repeat(100)));
      },
    });
    expect((await client.read("/proc/sys/kernel/random/boot_id")).toString()).toBe("abc\n");
    expect((await failureOf(client.read("/big", { maxBytes: 500 }))).kind).toBe("too-large");
    await cancelled;
  });

  it("lists entries with their own errors, and caps them", async () => {
    const entry = (relativeName: string, error = ""): FileInfo => ({
      metadata,
      name: `/sys/class/drm/${relativeName}`,
      size: 7n,
      mode: 0o644,
      modified: 5n,
      isDir: false,
      error,
      link: "",
      relativeName,
      uid: 0,
      gid: 0,
      xattrs: [],
    });
    let depth = 0;
    const client = await clientFor({
      list: (call) => {
        depth = call.request.recursionDepth;
        for (const each of [entry("card0"), entry("card1", "permission denied")]) call.write(each);
        call.end();
      },
    });
    await expect(client.list("/sys/class/drm", { depth: 2 })).resolves.toMatchObject([
      { relativeName: "card0", sizeBytes: 7, modifiedMs: 5_000, error: "" },
      { relativeName: "card1", error: "permission denied" },
    ]);
    expect(depth).toBe(2);
    expect((await failureOf(client.list("/", { maxEntries: 1 }))).kind).toBe("too-large");
  });

  it("sums sizes over frames", async () => {
    const frames = async function* () {
      yield Buffer.from("ab");
      yield Buffer.from("cd");
    };
    const channel = openChannel({ address: "10.5.0.2", credentials: { kind: "maintenance", fingerprint: null } });
    await expect(collectBytes(channel, { path: "/a/B" }, frames(), 4)).resolves.toEqual(Buffer.from("abcd"));
    expect((await failureOf(collectBytes(channel, { path: "/a/B" }, frames(), 3))).kind).toBe("too-large");
  });
});

describe("etcd", () => {
  it("shows member ids as etcdctl does, and who leads", async () => {
    const memberStatus = {
      storageVersion: "3.6.0",
      memberId: 0xffff_ffff_ffff_fff1n,
      protocolVersion: "3.6.4",
      dbSize: 20_480n,
      dbSizeInUse: 10_240n,
      leader: 0xffff_ffff_ffff_fff1n,
      raftIndex: 5n,
      raftTerm: 2n,
      raftAppliedIndex: 5n,
      errors: [],
      isLearner: false,
    };
    const client = await clientFor({
      etcdStatus: (_call, reply) => reply(null, { messages: [{ metadata, memberStatus }] }),
      etcdMemberList: (_call, reply) =>
        reply(null, {
          messages: [
            {
              metadata,
              legacyMembers: [],
              members: [
                { id: 1n, hostname: "cp-1", peerUrls: ["https://10.5.0.2:2380"], clientUrls: [], isLearner: true },
              ],
            },
          ],
        }),
      etcdAlarmList: (_call, reply) =>
        reply(null, { messages: [{ metadata, memberAlarms: [{ memberId: 1n, alarm: 1 }] }] }),
      etcdForfeitLeadership: (_call, reply) => reply(null, { messages: [{ metadata, member: "cp-2" }] }),
    });
    await expect(client.etcdStatus()).resolves.toMatchObject({
      memberId: "fffffffffffffff1",
      leader: true,
      dbSizeBytes: 20_480,
    });
    await expect(client.etcdMemberList()).resolves.toMatchObject([
      { id: "0000000000000001", hostname: "cp-1", learner: true },
    ]);
    await expect(client.etcdAlarmList()).resolves.toEqual([{ memberId: "0000000000000001", alarm: "no-space" }]);
    await expect(client.etcdForfeitLeadership()).resolves.toBe("cp-2");
  });

  it("does not let a snapshot that broke off look whole", async () => {
    const client = await clientFor({
      etcdSnapshot: (call) => {
        call.write(frame("part"));
        call.emit("error", { code: 2, details: "snapshot failed" });
      },
    });
    expect((await failureOf(collect(client.etcdSnapshot()))).kind).toBe("node-failed");
  });
});

describe("control", () => {
  it("says how a config was really applied", async () => {
    let request: unknown;
    const client = await clientFor({
      applyConfiguration: (call, reply) => {
        request = { ...call.request, data: call.request.data.toString() };
        reply(null, {
          messages: [
            { metadata, warnings: ["deprecated"], mode: 0, modeDetails: "Applied configuration with a reboot" },
          ],
        });
      },
    });
    await expect(
      client.applyConfiguration({ config: "machine: {}\n", mode: "try", dryRun: true, tryTimeoutMs: 90_000 }),
    ).resolves.toEqual({
      mode: "reboot",
      modeDetails: "Applied configuration with a reboot",
      warnings: ["deprecated"],
    });
    expect(request).toEqual({
      data: "machine: {}\n",
      mode: 4,
      dryRun: true,
      tryModeTimeout: { seconds: 90n, nanos: 0 },
    });
  });

  it("wipes exactly what was asked for", async () => {
    let request: unknown;
    const client = await clientFor({
      reset: (call, reply) => ((request = call.request), reply(null, { messages: [{ metadata, actorId: "a" }] })),
    });
    await expect(
      client.reset({ graceful: true, reboot: true, mode: "system-disk", systemPartitionsToWipe: ["EPHEMERAL"] }),
    ).resolves.toEqual({ actorId: "a" });
    expect(request).toEqual({
      graceful: true,
      reboot: true,
      systemPartitionsToWipe: [{ label: "EPHEMERAL", wipe: true }],
      userDisksToWipe: [],
      mode: 1,
    });
  });

  it("asks for a certificate with roles and a lifetime", async () => {
    let request: unknown;
    const client = await clientFor({
      generateClientConfiguration: (call, reply) => {
        request = call.request;
        reply(null, {
          messages: [
            {
              metadata,
              ca: Buffer.from("CA"),
              crt: Buffer.from("CRT"),
              key: Buffer.from("KEY"),
              talosconfig: Buffer.from("T"),
            },
          ],
        });
      },
    });
    await expect(client.generateClientConfiguration({ roles: ["os:reader"], ttlMs: 3_600_000 })).resolves.toEqual({
      caPem: "CA",
      certPem: "CRT",
      keyPem: "KEY",
      talosconfig: "T",
    });
    expect(request).toEqual({ roles: ["os:reader"], crtTtl: { seconds: 3_600n, nanos: 0 } });
  });
});

describe("services, stats and kernel log", () => {
  it("tells an unknown health from a bad one", async () => {
    const service = (id: string, unknown: boolean, healthy: boolean) => ({
      id,
      state: "Running",
      events: { events: [{ msg: "started", state: "Running", ts: new Date(7_000) }] },
      health: { unknown, healthy, lastMessage: "", lastChange: undefined },
    });
    const client = await clientFor({
      serviceList: (_call, reply) =>
        reply(null, {
          messages: [
            {
              metadata,
              services: [service("etcd", false, true), service("apid", true, false), service("kubelet", false, false)],
            },
          ],
        }),
    });
    const services = await client.serviceList();
    expect(services.map(({ id, healthy }) => [id, healthy])).toEqual([
      ["etcd", true],
      ["apid", null],
      ["kubelet", false],
    ]);
    expect(services[0]).toMatchObject({ lastMessage: "started", lastChangeMs: 7_000 });
  });

  it("gives kernel records one by one", async () => {
    const client = await clientFor({
      dmesg: (call) => {
        call.write(frame("kern: info: [2026-01-01T00:00:00Z]: NVRM: Xid 79\u001b[0m\n"));
        call.write(frame("kern: err: [2026-01-01T00:00:01Z]: second"));
        call.end();
      },
    });
    await expect(collect(client.dmesg({ follow: true, tail: false }))).resolves.toEqual([
      "kern: info: [2026-01-01T00:00:00Z]: NVRM: Xid 79",
      "kern: err: [2026-01-01T00:00:01Z]: second",
    ]);
  });
});
