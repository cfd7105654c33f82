import { testRemedies } from "./remedy-table-testing";

const vendor = {
  gpus: ["arcA770", "arcA770"],
  profileIds: ["intel-i915"],
  extension: "i915",
  module: "i915",
  driver: "i915",
} as const;
testRemedies({ name: "intel", vendor });
