import {
  RuntimeKernelModuleState as State,
  RuntimeKernelModuleType as Type,
} from "@/lib/talos/gen/resource/definitions/enums";
import * as message from "@/lib/talos/gen/resource/definitions/runtime";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "runtime";
const owner = "runtime.KernelModuleStatusController";

const types: Readonly<Record<Type, string>> = {
  [Type.KERNEL_MODULE_TYPE_UNKNOWN]: "unknown",
  [Type.KERNEL_MODULE_TYPE_BUILTIN]: "built-in",
  [Type.KERNEL_MODULE_TYPE_DYNAMIC]: "dynamic",
  [Type.UNRECOGNIZED]: "unknown",
};
const states: Readonly<Record<State, string>> = {
  [State.KERNEL_MODULE_STATE_LIVE]: "live",
  [State.KERNEL_MODULE_STATE_LOADING]: "loading",
  [State.KERNEL_MODULE_STATE_UNLOADING]: "unloading",
  [State.KERNEL_MODULE_STATE_BUILTIN]: "built-in",
  [State.UNRECOGNIZED]: "unloading",
};

export const kernelModuleStatuses = defineKind({
  type: "KernelModuleStatuses.runtime.talos.dev",
  namespace,
  owner,
  since: "1.14.0",
  message: message.KernelModuleStatusSpec,
  yaml: (spec) => ({
    type: types[spec.type],
    size: spec.size,
    referenceCount: spec.referenceCount,
    dependencies: omitEmpty(spec.dependencies),
    state: states[spec.state],
    address: spec.address,
  }),
});

/** Superseded by the above in 1.14, which still fills it. */
export const loadedKernelModules = defineKind({
  type: "LoadedKernelModules.runtime.talos.dev",
  namespace,
  owner,
  message: message.LoadedKernelModuleSpec,
  yaml: (spec) => ({
    size: spec.size,
    referenceCount: spec.referenceCount,
    dependencies: omitEmpty(spec.dependencies),
    state: spec.state,
    address: spec.address,
  }),
});

export const kernelModuleSpecs = defineKind({
  type: "KernelModuleSpecs.runtime.talos.dev",
  namespace,
  owner: "runtime.KernelModuleConfigController",
  message: message.KernelModuleSpecSpec,
  // The tag of the name is `string` indeed.
  yaml: ({ name, parameters }) => ({ string: name, parameters }),
});
