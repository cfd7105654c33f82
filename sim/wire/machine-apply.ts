import { status } from "@grpc/grpc-js";
import { ApplyConfigurationRequest_Mode as Mode } from "@/lib/talos/gen/machine/control";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { applyConfiguration } from "../node/apply";
import { ApplyRefused, type ApplyMode } from "../node/apply-result";
import { InvalidConfig } from "../node/config-facts";
import { detach } from "./detach";
import { RpcError, type Rpc } from "./rpc";

const modeNames: Readonly<Record<number, ApplyMode>> = {
  [Mode.REBOOT]: "reboot",
  [Mode.AUTO]: "auto",
  [Mode.NO_REBOOT]: "no-reboot",
  [Mode.STAGED]: "staged",
  [Mode.TRY]: "try",
};
const modeNumbers: Readonly<Record<ApplyMode, Mode>> = {
  reboot: Mode.REBOOT,
  auto: Mode.AUTO,
  "no-reboot": Mode.NO_REBOOT,
  staged: Mode.STAGED,
  try: Mode.TRY,
};
const refusals = {
  unimplemented: status.UNIMPLEMENTED,
  "invalid-argument": status.INVALID_ARGUMENT,
  unknown: status.UNKNOWN,
} as const;

function translate(error: unknown): unknown {
  if (error instanceof InvalidConfig) return new RpcError(status.INVALID_ARGUMENT, error.message);
  if (error instanceof ApplyRefused) return new RpcError(refusals[error.code], error.message);
  return error;
}

export function applyPart(rpc: Rpc): Pick<MachineServiceServer, "applyConfiguration"> {
  return {
    applyConfiguration: rpc.unary(({ node, roles }, request) => {
      if (!node.maintenance && !roles.includes("os:admin"))
        throw new RpcError(status.PERMISSION_DENIED, "not authorized");
      const timeout = request.tryModeTimeout;
      const tryTimeoutMs = timeout ? Number(timeout.seconds) * 1000 + timeout.nanos / 1e6 : 60_000;
      try {
        const { mode, details, warnings, after } = applyConfiguration(
          node,
          request.data.toString("utf8"),
          modeNames[request.mode] ?? "auto",
          { dryRun: request.dryRun, tryTimeoutMs },
        );
        if (after) detach(node, after());
        return {
          messages: [{ metadata: undefined, warnings: [...warnings], mode: modeNumbers[mode], modeDetails: details }],
        };
      } catch (error) {
        throw translate(error);
      }
    }),
  };
}
