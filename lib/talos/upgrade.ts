import { ask, type CallOptions } from "@/lib/talos/call";
import { supportsLifecycle } from "@/lib/talos/capabilities";
import type { Channel } from "@/lib/talos/channel";
import { UpgradeRequest_RebootMode as RebootMode } from "@/lib/talos/gen/machine/control";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { cleanText } from "@/lib/talos/text";

export { supportsLifecycle };

export type LegacyUpgradeRequest = {
  /** Installer image reference. */
  image: string;
  /** Install at the next boot instead of now. */
  stage?: boolean;
  /** Skip etcd's checks. */
  force?: boolean;
  rebootMode?: "default" | "powercycle";
};

// The node pulls and checks the image inside the call, for up to 20 minutes.
const legacyDeadlineMs = 25 * 60_000;

/** The upgrade call of Talos 1.12 and older (deprecated in 1.13, gone in 1.18), role `os:admin`. */
export const upgradeCalls = (channel: Channel) => ({
  /**
   * Returns when the image is pulled and the sequence starts: the node drains, installs and reboots by itself; follow its events.
   * Refusals (quorum, another upgrade) come as "node-failed" with Talos' own words, since it gives them no code.
   */
  async upgradeLegacy(request: LegacyUpgradeRequest, options?: CallOptions): Promise<{ ack: string; actorId: string }> {
    const { image, stage = false, force = false, rebootMode = "default" } = request;
    const mode = rebootMode === "powercycle" ? RebootMode.POWERCYCLE : RebootMode.DEFAULT;
    const { ack, actorId } = await ask(
      channel,
      machine.upgrade,
      // `preserve` has no effect since it became the only behaviour; older nodes still read it.
      { image, preserve: true, stage, force, rebootMode: mode },
      { deadlineMs: legacyDeadlineMs, ...options },
    );
    return { ack: cleanText(ack, { max: 512 }), actorId: cleanText(actorId, { max: 128 }) };
  },
});
