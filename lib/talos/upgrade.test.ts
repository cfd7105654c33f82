import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import {
  ImageServicePullLayerProgress_Status as Status,
  type ImageServicePullResponse,
} from "@/lib/talos/gen/machine/image";
import type { LifecycleServiceUpgradeResponse } from "@/lib/talos/gen/machine/lifecycle";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair, type Handlers } from "@/lib/talos/testing/node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));
async function clientFor(handlers: Handlers) {
  const pair = await startPair(handlers);
  stops.push(pair.stop);
  return pair;
}

const layer = (layerId: string, progress: Status, offset: bigint): ImageServicePullResponse => ({
  response: {
    $case: "pullProgress",
    value: { layerId, progress: { status: progress, elapsed: undefined, offset, total: 100n } },
  },
});
const message = (value: string): LifecycleServiceUpgradeResponse => ({
  progress: { response: { $case: "message", value } },
});
const exit = (value: number): LifecycleServiceUpgradeResponse => ({
  progress: { response: { $case: "exitCode", value } },
});

describe("pullImage", () => {
  it("streams layers and ends with the resolved name", async () => {
    let request: unknown;
    const { client } = await clientFor({
      image: {
        pull: (call) => {
          request = call.request;
          call.write(layer("sha256:aa", Status.DOWNLOADING, 40n));
          call.write(layer("sha256:aa", Status.EXTRACT_COMPLETE, 100n));
          call.write({ response: { $case: "name", value: "factory/metal-installer@sha256:bb" } });
          call.end();
        },
      },
    });
    await expect(collect(client.pullImage("factory/metal-installer:v1.13.9", "inmem"))).resolves.toEqual([
      { kind: "layer", id: "sha256:aa", status: "downloading", offsetBytes: 40, totalBytes: 100 },
      { kind: "layer", id: "sha256:aa", status: "extract-complete", offsetBytes: 100, totalBytes: 100 },
      { kind: "pulled", name: "factory/metal-installer@sha256:bb" },
    ]);
    expect(request).toEqual({ containerd: { driver: 0, namespace: 1 }, imageRef: "factory/metal-installer:v1.13.9" });
  });

  it("does not take an early end for a pulled image", async () => {
    const { client } = await clientFor({
      image: { pull: (call) => (call.write(layer("a", Status.DOWNLOADING, 1n)), call.end()) },
    });
    expect((await failureOf(collect(client.pullImage("x")))).kind).toBe("rolled-stream");
  });

  it("notices a stalled pull and cancels it on the node", async () => {
    let gone = () => {};
    const cancelled = new Promise<void>((resolve) => (gone = resolve));
    const { client } = await clientFor({
      image: {
        pull: (call) => {
          call.on("cancelled", gone);
          call.write(layer("a", Status.DOWNLOADING, 1n));
        },
      },
    });
    expect((await failureOf(collect(client.imageList()))).kind).toBe("unimplemented");
    expect((await failureOf(collect(client.pullImage("x", "system", { inactivityMs: 1_000 })))).kind).toBe("deadline");
    await cancelled;
  });

  it("is unimplemented before 1.13", async () => {
    const { client } = await clientFor({ machine: {} });
    expect((await failureOf(collect(client.pullImage("x")))).kind).toBe("unimplemented");
  });
});

describe("upgradeLifecycle", () => {
  const upgradeWith = async (...messages: LifecycleServiceUpgradeResponse[]) => {
    const { client } = await clientFor({
      lifecycle: {
        upgrade: (call) => {
          messages.forEach((each) => call.write(each));
          call.end();
        },
      },
    });
    return collect(client.upgradeLifecycle("img@sha256:bb"));
  };

  it("puts lines together that 1.13 cuts every 512 bytes, and gives the exit code last", async () => {
    const output = await upgradeWith(
      message("pre-flight che"),
      message("cks passed\nwriting UK"),
      message("I\ndone"),
      exit(0),
    );
    expect(output).toEqual([
      { kind: "line", text: "pre-flight checks passed" },
      { kind: "line", text: "writing UKI" },
      { kind: "line", text: "done" },
      { kind: "exit", code: 0 },
    ]);
  });

  it("passes on a failed installer's code although the call succeeds", async () => {
    expect((await upgradeWith(message("host version is too old\n"), exit(4))).at(-1)).toEqual({
      kind: "exit",
      code: 4,
    });
  });

  it("does not take an end without an exit code for a success", async () => {
    const error = await failureOf(upgradeWith(message("writing\n")));
    expect(error.kind).toBe("rolled-stream");
    expect(error.message).toContain("without an exit code");
  });

  it("tells a second installer apart", async () => {
    const { client } = await clientFor({
      lifecycle: {
        upgrade: (call) =>
          void call.emit("error", {
            code: status.FAILED_PRECONDITION,
            details: "another installation/upgrade is already in progress",
          }),
      },
    });
    const error = await failureOf(collect(client.upgradeLifecycle("x")));
    expect(error.kind).toBe("precondition");
    expect(error.message).toContain("already in progress");
  });
});

describe("upgradeLegacy", () => {
  it("waits far longer than other calls and returns the actor", async () => {
    let remainingMs = 0;
    let request: unknown;
    const { client } = await clientFor({
      machine: {
        upgrade: (call, reply) => {
          remainingMs = new Date(call.getDeadline()).getTime() - Date.now();
          request = call.request;
          reply(null, { messages: [{ metadata: undefined, ack: "Upgrade request received", actorId: "actor-1" }] });
        },
      },
    });
    await expect(
      client.upgradeLegacy({ image: "img:v1.12.11", stage: true, rebootMode: "powercycle" }),
    ).resolves.toEqual({
      ack: "Upgrade request received",
      actorId: "actor-1",
    });
    expect(remainingMs).toBeGreaterThan(24 * 60_000);
    expect(request).toEqual({ image: "img:v1.12.11", preserve: true, stage: true, force: false, rebootMode: 1 });
  });
});
