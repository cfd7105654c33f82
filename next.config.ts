import type { NextConfig } from "next";
import { staticHeaders } from "./lib/core/security-headers";

const config: NextConfig = {
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
  headers: async () =>
    ["/_next/static/:path*", "/icon.svg", "/favicon.ico"].map((source) => ({
      source,
      headers: Object.entries(staticHeaders).map(([key, value]) => ({ key, value })),
    })),
  // The optimizer is an attack surface that this console has no picture for.
  images: { unoptimized: true },
  // `npm run typecheck` does it; a start of the demo need not wait for it.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    "@grpc/grpc-js",
    "better-sqlite3",
    "@prisma/client",
    "@prisma/adapter-better-sqlite3",
    "@node-rs/argon2",
    "@kubernetes/client-node",
    "@peculiar/x509",
    "reflect-metadata",
    "piscina",
  ],
};
export default config;
