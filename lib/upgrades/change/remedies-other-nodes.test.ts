import { testRemedies } from "./remedy-table-testing";

/** Cards of two vendors, where only one of them is struck. What does not depend on the cards is told of each vendor alone. */
const mixed = {
  gpus: ["rtx3090", "rx7900xtx"],
  profileIds: ["nvidia-open-production", "amd"],
  extension: "amdgpu",
  module: "amdgpu",
  driver: "amdgpu",
} as const;
/** No card: it has no change to a GPU image that could be struck, and no fault of a driver shows on it. */
const cpuOnly = { gpus: [], profileIds: [], extension: "none", module: "none", driver: "none" } as const;

testRemedies(
  {
    name: "mixed",
    vendor: mixed,
    rows: [
      "installer-exit",
      "missing-extension",
      "module-not-loaded",
      "card-gone",
      "driver-not-bound",
      "no-device-node",
      "device-plugin-missing",
    ],
  },
  { name: "cpu", vendor: cpuOnly, rows: ["volume-failed", "clock-skew", "unreachable"] },
);
