import { AppError } from "@/lib/core/errors";
import type { DiskSelector } from "@/lib/machine-config/schema";

/** A text as a CEL string literal: Go's %q for printable text. */
export const celString = (text: string): string => JSON.stringify(text);

/** The CEL expression that `gen config` writes for a disk's path (cfg/generate/init.go). */
export const diskPathExpression = (path: string): string => `disk.dev_path == ${celString(path)}`;

const textFields = {
  model: "model",
  serial: "serial",
  modalias: "modalias",
  uuid: "uuid",
  wwid: "wwid",
  busPath: "bus_path",
} as const satisfies Partial<Record<keyof DiskSelector, string>>;

const typeExpressions: Record<NonNullable<DiskSelector["type"]>, string> = {
  nvme: 'disk.transport == "nvme"',
  sd: 'disk.transport == "mmc"',
  hdd: "disk.rotational",
  ssd: '!disk.rotational && disk.transport != "nvme"',
};

function sizeExpression(size: string): string {
  const match = /^(<=|>=|<|>|==)?\s*(\d+(?:\.\d+)?)\s*([kMGTP]i?B|B)?$/.exec(size);
  if (!match)
    throw new AppError("invalid-input", `The disk size ${size} cannot be understood.`, {
      hint: "Give a size such as >= 100GB.",
    });
  const [, operator = "==", amount = "0", unit = "B"] = match;
  const bytes = BigInt(Math.round(Number(amount) * unitBytes(unit)));
  return `disk.size ${operator} ${bytes}u`;
}

function unitBytes(unit: string): number {
  const step = unit.endsWith("iB") ? 1024 : 1000;
  return unit === "B" ? 1 : step ** ("kMGTP".indexOf(unit.charAt(0)) + 1);
}

/**
 * A disk selector as the CEL expression that Talos 1.14 wants; fields of `disk` as in its DiskSpec. `*` and `?` match as they did in
 * `machine.install.diskSelector`.
 */
export function diskSelectorExpression(selector: DiskSelector): string {
  const parts: string[] = [];
  if (selector.size !== undefined) parts.push(sizeExpression(selector.size));
  for (const [key, field] of Object.entries(textFields) as [keyof typeof textFields, string][]) {
    const value = selector[key];
    if (value === undefined) continue;
    parts.push(
      /[*?]/.test(value) ? `glob(${celString(value)}, disk.${field})` : `disk.${field} == ${celString(value)}`,
    );
  }
  if (selector.type !== undefined) parts.push(typeExpressions[selector.type]);
  return parts.join(" && ");
}
