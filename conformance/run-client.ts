import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { StateService } from "@/lib/talos/gen/cosi/resource/state";
import { ImageServiceService } from "@/lib/talos/gen/machine/image";
import { LifecycleServiceService } from "@/lib/talos/gen/machine/lifecycle";
import { MachineServiceService } from "@/lib/talos/gen/machine/machine";
import { startFleet, type Fleet } from "@/sim/fleet";
import { kinds } from "@/sim/resources/catalogue";
import type { CheckResult } from "./with-peer/checks";

const verdict = z.strictObject({ check: z.string(), ok: z.boolean(), why: z.string().optional() });

/** Fleet time that passes in a second: a reboot takes less than one then. */
const speed = 50;

const inputOf = ({ talosconfig, readerTalosconfig, controlUrl, factoryUrl, nodes }: Fleet) => ({
  talosconfig,
  readerTalosconfig,
  controlUrl,
  factoryUrl,
  nodes,
  kinds: kinds.map(({ type, namespace, owner, since = "", sensitive = false }) => ({
    type,
    namespace,
    owner,
    since,
    sensitive,
  })),
  methods: [MachineServiceService, ImageServiceService, LifecycleServiceService, StateService].flatMap((service) =>
    Object.values(service).map(({ path }) => path),
  ),
});

/**
 * Starts the demo's fleet and has Talos' own client library (the built program of conformance/client) ask it everything. `say` gets a
 * line for each check that fails. Throws where the program could not run.
 */
export async function runClient(binary: string, say: (line: string) => void): Promise<CheckResult> {
  const fleet = await startFleet({ scenario: "demo", speed });
  try {
    const child = spawn(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
    const exit = once(child, "exit");
    child.stdin.end(JSON.stringify(inputOf(fleet)));
    const failures: CheckResult["failures"] = [];
    let checks = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const { check, ok, why = "no reason given" } = verdict.parse(JSON.parse(line));
      checks++;
      if (ok) continue;
      failures.push({ check, why });
      say(`${check}: ${why}`);
    }
    const [code, signal] = (await exit) as [number | null, string | null];
    if (code !== 0) throw new Error(`The client ended with ${code ?? signal}.`);
    return { checks, failures };
  } finally {
    await fleet.stop();
  }
}
