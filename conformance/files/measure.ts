import fs from "node:fs";
import path from "node:path";
import { AppError } from "@/lib/core/errors";
import { encodeMachineConfig } from "@/lib/machine-config/documents";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import { applyPatches } from "@/lib/machine-config/patch";
import { versionContract, type VersionContract } from "@/lib/machine-config/schema";
import { generateSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { validateConfigText } from "@/lib/machine-config/validate";
import type { Judge } from "../judge";
import { mustGive } from "../judge";
import { namesPlace } from "./place";

type Verdict = { loading?: string; errors?: string[] };
/** `places`: where Ichor sees an error. `marks`: it is nothing but texts that were not filled in. */
type Ours = { refused: boolean; marksOnly: boolean; places: string[]; said: string };

export type Figures = {
  files: number;
  valid: number;
  refused: number;
  falselyRefused: number;
  unfilled: number;
  caught: number;
  samePlace: number;
};

async function baseConfig(contract: VersionContract): Promise<string> {
  const bundle = await generateSecretsBundle({ contract, nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" });
  const cluster = { name: "lab", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.35.3" };
  const node = { installDisk: "/dev/sda", installImage: "factory.talos.dev/metal-installer/a:v1.12.0" };
  return encodeMachineConfig(generateMachineConfig({ bundle, cluster, role: "controlplane", contract, node }));
}

function judgeByIchor(base: string, patch: string, contract: VersionContract): Ours {
  try {
    const issues = validateConfigText(applyPatches(base, [patch], { contract }), { contract }).filter(
      ({ severity }) => severity === "error",
    );
    return {
      refused: issues.length > 0,
      marksOnly:
        issues.length > 0 &&
        issues.every(({ message }) =>
          /filled in|render|encrypted|SOPS|decrypt|not replaced|not resolved/i.test(message),
        ),
      places: issues.map(({ path: place }) => place),
      said: issues.map(({ path: place, message }) => `${place}: ${message}`).join(" | "),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const place = /: ([\w./\[\]-]+): /.exec(error.message)?.[1];
    return {
      refused: true,
      marksOnly: /template marks|render|not replaced|not resolved|not filled in/.test(error.message),
      places: place ? [place] : [],
      said: error.message,
    };
  }
}

/** What the library says of a base with a patch on it; the text that it read last, for the lines that it names. */
async function judgeByTalos(judge: Judge, base: string, patch: string): Promise<{ reasons: string[]; text: string }> {
  const { output, refusal } = await judge.ask("patch", { config: base, patches: [patch] });
  if (refusal !== undefined) return { reasons: [refusal], text: patch };
  const text = String(output);
  const { loading, errors = [] } = (await mustGive(judge.ask("verdict", { config: text, mode: "metal" }))) as Verdict;
  return { reasons: loading === undefined ? errors : [loading], text };
}

/**
 * Puts each file of a folder as a patch onto a generated config, and compares what Talos' library and Ichor say of the result. What differs is
 * told by `say`.
 */
export async function measureFiles(judge: Judge, folder: string, say: (line: string) => void): Promise<Figures> {
  const contract = versionContract.parse(judge.release);
  const base = await baseConfig(contract);
  const figures: Figures = { files: 0, valid: 0, refused: 0, falselyRefused: 0, unfilled: 0, caught: 0, samePlace: 0 };
  const names = fs.readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  for (const name of names.sort()) {
    const patch = fs.readFileSync(path.join(folder, name), "utf8");
    const ours = judgeByIchor(base, patch, contract);
    const { reasons, text } = await judgeByTalos(judge, base, patch);
    figures.files += 1;
    if (reasons.length === 0) {
      figures.valid += 1;
      if (ours.marksOnly) figures.unfilled += 1;
      else if (ours.refused) {
        figures.falselyRefused += 1;
        say(`${name}: only Ichor refuses: ${ours.said}`);
      }
      continue;
    }
    figures.refused += 1;
    if (!ours.refused) say(`${name}: only Talos refuses: ${reasons.join(" | ")}`);
    else {
      figures.caught += 1;
      const same = ours.marksOnly || reasons.some((reason) => samePlace(reason, patch, text, ours));
      if (same) figures.samePlace += 1;
      else say(`${name}: other places: Talos ${reasons.join(" | ").slice(0, 400)} | Ichor ${ours.said.slice(0, 300)}`);
    }
  }
  return figures;
}

function samePlace(reason: string, patch: string, text: string, ours: Ours): boolean {
  // Text that neither can read as YAML: the two parsers notice it a line apart.
  if (/decode error: |scanner|parser/.test(reason) && /cannot be read/.test(ours.said)) return true;
  const deleted = /path '([^']*)'/.exec(reason)?.[1];
  if (deleted !== undefined && ours.said.includes(deleted.replace(/\.\[\d+\]$/, ""))) return true;
  const kind = /v1alpha1\/(\w+)\/|"(\w+)" "v1alpha1": not registered/.exec(reason);
  if (kind && new RegExp(`\\b${kind[1] ?? kind[2] ?? ""}\\b`).test(ours.said)) return true;
  const line = /\(line (\d+)/.exec(ours.said)?.[1];
  if (line !== undefined && new RegExp(`line ${line}\\b`).test(reason)) return true;
  try {
    return namesPlace(reason, patch, ours.places) || namesPlace(reason, text, ours.places);
  } catch (error) {
    // Text that is no YAML has no places: both have said so.
    if (error instanceof AppError) return /yaml|decode error/i.test(reason);
    throw error;
  }
}
