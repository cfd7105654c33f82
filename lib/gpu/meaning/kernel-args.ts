import { adminArgs, operatorArgs, type ArgMeaning } from "./kernel-arg-table";

/** What an argument says: its name as the kernel reads it (`-` and `_` are one), and its value; null for a flag. */
export type KernelArg = { name: string; value: string | null };

/** The kernel takes `nvidia-drm.modeset` and `nvidia_drm.modeset` for one (kernel/params.c, `dash2underscore`). */
const nameOf = (text: string): string => (text.startsWith("-") ? text : text.replaceAll("-", "_"));
/** Stands alone: what follows is for the first program. With more behind it, it is Talos' way to take an argument away. */
const endOfArgs = "--";

/** Splits `name=value`; only the first `=` counts. */
export function readKernelArg(arg: string): KernelArg {
  const at = arg.indexOf("=");
  return at < 0 ? { name: nameOf(arg), value: null } : { name: nameOf(arg.slice(0, at)), value: arg.slice(at + 1) };
}

function fits({ name, value }: KernelArg, meaning: ArgMeaning): boolean {
  if (!meaning.name.test(name)) return false;
  return value === null ? meaning.flag === true : meaning.values !== undefined && meaning.values.test(value);
}

/** The line of the table that says what an argument with this value means; null for one that is not known. */
export function meaningOf(arg: string): (ArgMeaning & { who: "operator" | "admin" }) | null {
  const read = readKernelArg(arg);
  const operator = operatorArgs.find((meaning) => fits(read, meaning));
  if (operator) return { ...operator, who: "operator" };
  const admin = adminArgs.find((meaning) => fits(read, meaning));
  return admin ? { ...admin, who: "admin" } : null;
}

/** What an argument does that an operator may not decide, as the end of a sentence; null for one that operators may use. */
export function powerOfArg(arg: string): string | null {
  if (meaningOf(arg)?.who === "operator") return null;
  if (arg.startsWith("-") && arg !== endOfArgs) return "takes away an argument with which Talos starts its kernel";
  const { name } = readKernelArg(arg);
  return (
    adminArgs.find((meaning) => meaning.name.test(name))?.does ??
    (operatorArgs.some((meaning) => meaning.name.test(name))
      ? "has a value whose meaning is not known here"
      : "is not known here, so it may change anything of how the machine starts")
  );
}

/** Stands in place of a value that may be a secret. */
export const withheld = "(withheld)";

/** Names are words, perhaps with a number behind; anything else (`AKIA…/secret`, `-phunter2`) may itself be what is to be hidden. */
const plainName = /^-?[A-Za-z]{1,24}\d{0,4}(?:[._][A-Za-z]{1,24}\d{0,4}){0,6}$/;
/** Longer runs of letters and digits in a name are no words. */
const longRun = /[A-Za-z0-9]{25,}/;

/** Is a text a name that may be shown, of an argument, a sysctl or a module? */
export const isPlainName = (text: string): boolean => plainName.test(text) && !longRun.test(text);

/**
 * An argument as it may be shown to anybody: its name, and its value where the table knows it to be harmless. Words that are
 * no argument of a known name (`--token VALUE` comes as two items) are withheld whole.
 */
export function shownKernelArg(arg: string): string {
  if (meaningOf(arg) !== null) return arg;
  const { name, value } = readKernelArg(arg);
  const known = [...operatorArgs, ...adminArgs].some((meaning) => meaning.name.test(name));
  if (value === null) return known ? arg : withheld;
  const written = arg.slice(0, arg.indexOf("="));
  return isPlainName(name) ? `${written}=${withheld}` : withheld;
}

/** A kernel's command line as it may be shown: what quotes hold together is one argument, as the kernel reads it. */
export function shownCommandLine(line: string): string {
  const known = recent.get(line);
  if (known !== undefined) return known;
  const shown = (line.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? []).map(shownKernelArg).join(" ");
  if (recent.size >= recentEntries) recent.clear();
  recent.set(line, shown);
  return shown;
}

// A node's view is made anew with each reading, and the nodes of a fleet have a handful of command lines.
const recent = new Map<string, string>();
const recentEntries = 512;
