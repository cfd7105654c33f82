import { parseMachineConfig } from "@/lib/machine-config/documents";
import { versionContract } from "@/lib/machine-config/schema";
import { validateMachineConfig } from "@/lib/machine-config/validate";
import type { Kind } from "../kind";
import { type WholeCase, wholeCase, wholeConfig } from "./whole-config";

/** Whole configs, profiles included: they load strictly and validate for metal, without a warning, in the release that they are for. */
export const validConfigsFor = (release: string): Kind<WholeCase> => {
  const contract = versionContract.parse(release);
  return {
    name: "valid configs",
    cases: 1_000,
    make: (random) => wholeCase(random, contract),
    async differs(made, judge) {
      const config = await wholeConfig(made);
      const issues = validateMachineConfig(parseMachineConfig(config), contract);
      const { output, refusal } = await judge.ask("load", { config });
      if (refusal !== undefined) return `Talos refuses it: ${refusal}`;
      if (Array.isArray(output) && output.length > 0) return `Talos warns: ${output.join("; ")}`;
      const [issue] = issues;
      return issue ? `only Ichor objects: ${issue.path}: ${issue.message}` : null;
    },
  };
};
