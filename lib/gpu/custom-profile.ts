import { AppError } from "@/lib/core/errors";
import { extensionConflicts } from "./extension-rules";
import { gpuProfile, type GpuProfile, type ProfileDriver } from "./profile-schema";
import { builtInProfiles } from "./profiles";

/** A custom profile as people write it: the id is ours. */
export const customProfileInput = gpuProfile.omit({ id: true });

const driverVendor: Record<ProfileDriver["kind"], GpuProfile["vendor"] | null> = {
  nvidia: "nvidia",
  amdgpu: "amd",
  i915: "intel",
  xe: "intel",
  // A custom profile without one of these drivers may be for any vendor: Tenstorrent's, for example.
  none: null,
};

/**
 * Checks what the schema cannot: a name that no built-in profile has, a driver that fits the vendor, extensions that can
 * be together. Pure.
 * @throws AppError `invalid-input` or `refused` with the reason.
 */
export function checkCustomProfile(profile: GpuProfile): void {
  if (builtInProfiles.some(({ id, name }) => id === profile.name || name === profile.name)) {
    throw new AppError("invalid-input", `${profile.name} is the name of a built-in profile.`, {
      fields: { name: "Choose another name." },
    });
  }
  const vendor = driverVendor[profile.driver.kind];
  if (vendor !== null && vendor !== profile.vendor) {
    throw new AppError(
      "invalid-input",
      `The driver ${profile.driver.kind} is for ${vendor}, not for ${profile.vendor}.`,
      {
        fields: { vendor: `Must be ${vendor} with this driver.` },
      },
    );
  }
  const { from, until } = profile.talos;
  if (from !== undefined && until !== undefined && until <= from) {
    throw new AppError("invalid-input", "The profile's Talos range is empty.", {
      fields: { talos: "until must be after from." },
    });
  }
  const [conflict] = extensionConflicts(profile.extensions.map(({ name }) => name));
  if (conflict) throw new AppError("refused", conflict.message);
}
