import type { GpuDriver } from "./drivers";
import { kernelVerdicts } from "./proof-evidence";
import { moduleRefusal } from "./proof-paths";
import type { GpuDevice } from "./schema";

const shownLines = 5;
const maxLineLength = 300;

const ownWords: Readonly<Record<GpuDriver, RegExp>> = {
  nvidia: /NVRM|nvidia/,
  amdgpu: /amdgpu/,
  i915: /\bi915\b/,
  xe: /\bxe\b[: ]/,
};
const trouble =
  /fail|error|reject|unknown symbol|not found|disagrees|version magic|fallen|timed? ?out|refus|unable|unsupported/i;

const shown = (line: string): string =>
  line
    .replaceAll(/\\x0a(?:NVRM:)?\s*/g, " ")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "")
    .trim()
    .slice(0, maxLineLength);

/**
 * What the kernel log says of a card and its driver, newest last, capped: lines that give a verdict on the card, else those that
 * speak of trouble with the driver or of a module that was refused, else the driver's last words. Empty where it says nothing.
 */
export function driverLog(
  kernelLog: readonly string[],
  gpu: Pick<GpuDevice, "pciAddress" | "vendor">,
  driver: GpuDriver | null,
): string[] {
  const { lines } = kernelVerdicts(kernelLog, gpu);
  if (lines.length > 0) return lines;
  const own = driver === null ? [] : kernelLog.filter((line) => ownWords[driver].test(line));
  const told = kernelLog.filter(
    (line) =>
      moduleRefusal.test(line) || (own.includes(line) && trouble.test(line.replace(/^.*\btaints kernel\b.*$/, ""))),
  );
  return [...new Set((told.length > 0 ? told : own).map(shown))].slice(-shownLines);
}
