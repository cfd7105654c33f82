import next from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

const config = [
  ...next,
  ...typescript,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-console": "error",
    },
  },
  {
    files: [
      "scripts/**",
      "sim/main.ts",
      "bench/**",
      "conformance/run.ts",
      "kill-matrix/main.ts",
      "hostile/{main,meter,peers}.ts",
      "lib/core/log.ts",
    ],
    rules: { "no-console": "off" },
  },
  { ignores: ["node_modules/**", ".next/**", "next-env.d.ts", "lib/talos/gen/**", "lib/db/gen/**"] },
];
export default config;
