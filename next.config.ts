import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // The optimizer is an attack surface that this console has no picture for.
  images: { unoptimized: true },
  serverExternalPackages: [
    "@grpc/grpc-js",
    "better-sqlite3",
    "@prisma/client",
    "@prisma/adapter-better-sqlite3",
    "@node-rs/argon2",
    "@kubernetes/client-node",
    "@peculiar/x509",
    "reflect-metadata",
  ],
};
export default config;
