import { testRemedies } from "./remedy-table-testing";

const vendor = {
  gpus: ["rtx3090", "rtx3090"],
  profileIds: ["nvidia-open-production"],
  extension: "nvidia-open-gpu-kernel-modules-production",
  module: "nvidia",
  driver: "nvidia",
} as const;
testRemedies({ name: "nvidia", vendor });
