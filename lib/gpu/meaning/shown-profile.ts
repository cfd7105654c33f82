import type { Ctx } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";
import { builtInProfile } from "../profiles";
import type { GpuProfile, ResolvedModule } from "../profile-schema";
import { isPlainName, shownKernelArg, withheld } from "./kernel-args";
import { powersOfProfile } from "./profile-powers";
import { powerOfSysctl } from "./sysctls";

/** May this actor read values that may be secrets? Operators write profiles, so they read them; viewers do not. */
export const seesValues = ({ actor }: Ctx): boolean => actor.kind === "system" || roleSatisfies(actor.role, "operator");

const shownKey = (key: string): string => (key.split(/[./]/).every(isPlainName) ? key : withheld);

/** A sysctl as it may be shown to anybody: its name, and its value where its meaning is known. */
export const shownSysctl = (key: string, value: string): [string, string] => [
  shownKey(key),
  powerOfSysctl(key, value) === null ? value : withheld,
];

/** A module as it may be shown to anybody: parameters as kernel arguments are. */
export const shownModule = ({ name, parameters }: ResolvedModule): ResolvedModule => ({
  name: isPlainName(name.replaceAll("-", "_")) ? name : withheld,
  parameters: parameters.map((parameter) => {
    const prefix = `${name}.`;
    const shown = shownKernelArg(prefix + parameter);
    return shown.startsWith(prefix) ? shown.slice(prefix.length) : withheld;
  }),
});

/** A profile as this actor may see it. What is built in has nothing to hide; of others viewers get what is known to be harmless. */
export function shownProfile(ctx: Ctx, profile: GpuProfile): GpuProfile {
  if (seesValues(ctx) || builtInProfile(profile.id) || powersOfProfile(profile).length === 0) return profile;
  return {
    ...profile,
    kernelArgs: profile.kernelArgs.map((one) => ({ ...one, arg: shownKernelArg(one.arg) })),
    sysctls: profile.sysctls.map((one) => {
      const [key, value] = shownSysctl(one.key, one.value);
      return { ...one, key, value };
    }),
    kernelModules: profile.kernelModules.map((one) => ({ ...one, ...shownModule(one) })),
    addOns: profile.addOns.map((addOn) => ({ ...addOn, install: withheld, values: {}, notes: [] })),
  };
}
