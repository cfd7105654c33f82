import { ask, checkReply, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { ContainerDriver, type Data } from "@/lib/talos/gen/common/common";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { LineReader } from "@/lib/talos/lines";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

export type LogsRequest = {
  /** A service (`kubelet`), or a container id of `k8s.io`. */
  id: string;
  /** `system` (default): Talos' services. `k8s.io`: containers of pods, with driver `cri`. */
  namespace?: "system" | "k8s.io";
  driver?: "containerd" | "cri";
  /** Stay and send new lines as they come. */
  follow: boolean;
  /** Past lines; -1 = all. 0 sends none at all, as Talos does. */
  tailLines: number;
};

export type LineOptions = StreamOptions & {
  /** Of a node that sends more than its rates: hold it back and say so in a line, in place of dropping the connection. For people who read. */
  heldBack?: boolean;
};

const slowed = "[Ichor holds the node back: it writes faster than can be shown, and what follows comes later]";
const heldBackBy = ({ heldBack = false }: LineOptions = {}) => (heldBack ? { heldBack: () => [slowed] } : {});

/** Logs, role `os:reader`. */
export const logCalls = (channel: Channel) => ({
  /** Whole lines, oldest first. Ends when the node has no more to send. */
  logs(
    { id, namespace = "system", driver, follow, tailLines }: LogsRequest,
    options?: LineOptions,
  ): AsyncIterable<string> {
    const lines = new LineReader();
    const cri = (driver ?? (namespace === "k8s.io" ? "cri" : "containerd")) === "cri";
    return serverStream(
      channel,
      {
        method: machine.logs,
        request: { namespace, id, driver: cri ? ContainerDriver.CRI : ContainerDriver.CONTAINERD, follow, tailLines },
        decode: (data: Data) => lines.push(checkReply(data, machine.logs.path, channel.address.text).bytes),
        finish: () => lines.flush(),
        ...heldBackBy(options),
      },
      options,
    );
  },

  /** Ids of Talos' services that have logs. */
  async logsContainers(options?: CallOptions): Promise<string[]> {
    const { ids } = await ask(channel, machine.logsContainers, {}, options);
    return ids.map((id) => cleanText(id, { max: 253 }));
  },

  /** The kernel log, one record each: `facility: priority: [time]: text`. `tail` skips what is there already. */
  dmesg({ follow, tail }: { follow: boolean; tail: boolean }, options?: LineOptions): AsyncIterable<string> {
    const method = machine.dmesg;
    return serverStream(
      channel,
      {
        method,
        request: { follow, tail },
        decode(data: Data) {
          const text = checkReply(data, method.path, channel.address.text).bytes.toString("utf8");
          return [cleanText(text, { max: 8192 })].filter((line) => line !== "");
        },
        ...heldBackBy(options),
      },
      options,
    );
  },
});
