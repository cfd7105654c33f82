import { unrenderedMark, type UnrenderedMark } from "@/lib/core/unrendered/marks";

/** What Talos fills in itself in the URL of `talos.config` (platform/metal/url/variable.go, v1.14); the case of letters does not count. */
const filledByTalos = /\$\{(?:uuid|serial|mac|hostname|code)\}/gi;

/** The mark in a kernel argument, where it is not one that Talos fills in as it boots. */
export const kernelArgMark = (arg: string): UnrenderedMark | null =>
  unrenderedMark(arg.startsWith("talos.config=") ? arg.replace(filledByTalos, "") : arg);
