import { testRemedies } from "./remedy-table-testing";

const vendor = {
  gpus: ["rx7900xtx", "rx7900xtx"],
  profileIds: ["amd"],
  extension: "amdgpu",
  module: "amdgpu",
  driver: "amdgpu",
} as const;
testRemedies({ name: "amd", vendor });
