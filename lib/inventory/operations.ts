import "server-only";

/** Everything that people and scripts can do with machines, nodes and clusters; lib/api lists them. */
export * from "./machine-operations";
export * from "./node-operations";
export * from "./config-operations";
export * from "./cluster-operations";
export * from "./drift-operations";
