/* Names of Kubernetes as Talos checks them (pkg/machinery/labels). Each gives what is wrong, or null. */

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const name = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

export const isSubdomain = (text: string): boolean => text.length <= 253 && subdomain.test(text);

/** A key of a label, an annotation or a taint: `name` or `example.com/name`. */
export function qualifiedNameProblem(text: string): string | null {
  const parts = text.split("/");
  const last = parts.at(-1) ?? "";
  if (parts.length > 2) return "The key has more than one slash.";
  if (parts.length === 2 && !isSubdomain(parts[0] ?? ""))
    return "What stands before the slash is no domain name in small letters.";
  if (last.length > 63) return "The key is longer than 63 characters.";
  return name.test(last)
    ? null
    : "The key may hold letters, digits, -, _ and ., and begins and ends with a letter or digit.";
}

export function labelValueProblem(text: string): string | null {
  if (text.length > 63) return "The value is longer than 63 characters.";
  return text === "" || name.test(text)
    ? null
    : "The value may hold letters, digits, -, _ and ., and begins and ends with a letter or digit.";
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** A taint's `value:Effect`, or the effect alone. */
export function taintProblem(text: string): string | null {
  const colon = text.indexOf(":");
  const effect = text.slice(colon + 1);
  if (!effects.includes(effect)) return `The effect of a taint is ${effects.join(", ")}.`;
  return colon < 0 ? null : labelValueProblem(text.slice(0, colon));
}

/** Annotations in which Talos keeps its own account. */
export const ownAnnotations = ["talos.dev/owned-labels", "talos.dev/owned-annotations", "talos.dev/owned-taints"];
