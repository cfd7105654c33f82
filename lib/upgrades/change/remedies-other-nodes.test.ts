import { testRemedies } from "./remedy-table-testing";

/** No card: it has no change to a GPU image that could be struck, and no fault of a driver shows on it. */
const cpuOnly = { gpus: [], profileIds: [], extension: "none", module: "none", driver: "none" } as const;

testRemedies({ name: "cpu", vendor: cpuOnly, rows: ["volume-failed", "clock-skew", "unreachable"] });
