import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";
import { LifecycleServiceService as lifecycle } from "@/lib/talos/gen/machine/lifecycle";
import { wireInstance, type ImageInstance } from "@/lib/talos/image";
import { LineReader } from "@/lib/talos/lines";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";

/** `exit` comes last; any code but 0 is a failed installer, although the call itself succeeds. */
export type InstallerOutput = { kind: "line"; text: string } | { kind: "exit"; code: number };

/** LifecycleService, since Talos 1.13, role `os:admin`. */
export const lifecycleCalls = (channel: Channel) => ({
  /**
   * Runs the installer of an image that was pulled into the same instance; writes the inactive slot and neither drains nor reboots.
   * "precondition" = another one runs. When the stream breaks the installer runs on without us and its exit code is lost: the caller asks again until
   * it is not refused. An end without an exit code throws "rolled-stream".
   */
  upgradeLifecycle(
    imageName: string,
    instance: ImageInstance = "system",
    options?: StreamOptions,
  ): AsyncIterable<InstallerOutput> {
    const lines = new LineReader();
    const toItems = (texts: string[]): InstallerOutput[] => texts.map((text) => ({ kind: "line", text }));
    let exited = false;
    return serverStream(
      channel,
      {
        method: lifecycle.upgrade,
        request: { containerd: wireInstance[instance], source: { imageName } },
        // Talos 1.13 sends chunks of up to 512 bytes cut anywhere, 1.14 whole lines.
        decode({ progress }): InstallerOutput[] {
          const output = progress?.response;
          if (output?.$case === "message") return toItems(lines.pushText(output.value));
          if (output?.$case !== "exitCode") return [];
          exited = true;
          return [...toItems(lines.flush()), { kind: "exit", code: output.value }];
        },
        finish() {
          if (exited) return [];
          const facts = {
            kind: "rolled-stream",
            method: lifecycle.upgrade.path,
            address: channel.address.text,
          } as const;
          throw new TalosError(
            `${facts.address} ended the upgrade without an exit code: whether it worked is unknown.`,
            facts,
          );
        },
      },
      options,
    );
  },
});
