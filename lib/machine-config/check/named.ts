import type { YamlNode, YamlScalar } from "@/lib/core/yaml-node";
import { isAddressPort, parseAddress, parsePrefix } from "@/lib/machine-config/check/go-net";
import { parseGoSize, parseVolumeSize } from "@/lib/machine-config/check/go-size";
import { parseGoUrl } from "@/lib/machine-config/check/go-url";
import { scalarProblem } from "@/lib/machine-config/check/scalar";
import type { NamedType } from "@/lib/machine-config/fields/table";

/* The decoders of Talos' own types (UnmarshalText, UnmarshalYAML of pkg/machinery). */

type TextCheck = (text: string) => string | null;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Go's base64.StdEncoding, which passes over line breaks. */
export const isGoBase64 = (text: string): boolean => base64.test(text.replace(/[\r\n]/g, ""));

/** What a redacted secret looks like; Talos takes it for a key. */
const redacted = "******";

const unless =
  (fits: (text: string) => boolean, message: string): TextCheck =>
  (text) =>
    fits(text) ? null : message;

const orEmpty =
  (fits: (text: string) => boolean) =>
  (text: string): boolean =>
    text === "" || fits(text);

const address = unless(
  orEmpty((text) => parseAddress(text) !== null),
  "An IP address such as 10.0.0.1 is wanted.",
);
const prefix: TextCheck = (text) => {
  if (text === "" || parsePrefix(text) !== null) return null;
  return parseAddress(text) === null
    ? "An address with its prefix length is wanted, such as 10.0.0.0/24."
    : "The prefix length is missing: an address such as 10.0.0.5/24 is wanted.";
};
const addressPort = unless(orEmpty(isAddressPort), "An address with a port is wanted, such as 10.0.0.1:53.");
const url: TextCheck = (text) => {
  const found = parseGoUrl(text);
  if (found === "missing-scheme") return "Talos cannot read it as a URL (https:// is missing).";
  return found === "no-url" ? "Talos cannot read it as a URL." : null;
};
const size = unless((text) => parseGoSize(text) !== null, "A size such as 10GB or 5GiB is wanted.");
const diskCondition = unless((text) => {
  const operator = /(?:>=|<=|>|<|==)/.exec(text.trim())?.[0] ?? "";
  return (
    parseGoSize(
      text
        .trim()
        .slice(text.trim().indexOf(operator) + operator.length)
        .trim(),
    ) !== null
  );
}, "A size such as >= 100GB is wanted.");

/** Decoders of a text alone, whether Talos reads it by UnmarshalText or by UnmarshalYAML into a string; the Go package depends on the release. */
const texts: Record<string, TextCheck> = {
  Addr: address,
  Prefix: prefix,
  AddrPort: addressPort,
  HardwareAddr: unless(
    (text) => /^(?:[0-9a-fA-F]{2})*$/.test(text.replaceAll(":", "")),
    "A hardware address in hex is wanted, such as 52:54:00:12:34:56.",
  ),
  ByteSize: unless(
    orEmpty((text) => parseVolumeSize(text, { percentages: false }) !== null),
    "A size such as 10GB or 5GiB is wanted.",
  ),
  Size: unless(
    orEmpty((text) => parseVolumeSize(text, { percentages: true }) !== null),
    "A size such as 10GB, 5GiB or 50% is wanted.",
  ),
  // Read as text; what it says is checked by the document's rules.
  Expression: () => null,
  URL: url,
  Endpoint: url,
  DiskSize: size,
  InstallDiskSizeMatcher: diskCondition,
  Base64Bytes: unless(isGoBase64, "Base64 is wanted."),
};

function wordProblem(text: string, type: NamedType): string | null {
  const words = type.words ?? [];
  const fits = (word: string) =>
    words.some((known) => known === word || (type.ignoresCase && known.toLowerCase() === word.toLowerCase()));
  if (text === "" && type.empty) return null;
  if (type.joined ? text.split(",").every(fits) : fits(text)) return null;
  const shown = words.length > 12 ? [...words.slice(0, 12), "…"] : words;
  return `One of ${shown.join(", ")} is wanted.`;
}

function portRangeProblem(scalar: YamlScalar, newest: boolean): string | null {
  if (scalarProblem(scalar, { pointer: false, is: "uint", bits: 16 }, newest) === null) return null;
  const ends = /^(\d+)-(\d+)$/.exec(scalar.text);
  return ends && Number(ends[1]) <= 65535 && Number(ends[2]) <= 65535
    ? null
    : "A port such as 443, or a range such as 8000-8100, is wanted.";
}

/** Types whose decoder takes something else than a scalar. Their members are decoded by the table's fields. */
export const isMappedType = (type: NamedType): boolean => type.fields !== null && type.fields.size > 0;

/** The base64 of a certificate or key, `crt` and `key` of `machine.ca` and the like. */
export function certificatePartProblem(key: string, scalar: YamlScalar): string | null {
  if (isGoBase64(scalar.text) || (key === "key" && scalar.text === redacted)) return null;
  return scalar.text.includes("-----BEGIN")
    ? "Base64 of the PEM text is wanted here, not the PEM text itself."
    : "Base64 of a PEM text is wanted.";
}

/** An argument of `extraArgs`: a text or a list of texts. */
export function argumentProblem(node: YamlNode, newest: boolean): string | null {
  const text = { pointer: false, is: "string" } as const;
  if (node.kind === "scalar") return scalarProblem(node, text, newest);
  const fits =
    node.kind === "list" &&
    node.items.every((item) => item.kind === "scalar" && scalarProblem(item, text, newest) === null);
  return fits ? null : "A text or a list of texts is wanted.";
}

/** What is wrong with a scalar that a decoder of Talos reads, or null. */
export function namedScalarProblem(name: string, type: NamedType, scalar: YamlScalar, newest: boolean): string | null {
  if (type.words) return wordProblem(scalar.text, type);
  const short = name.slice(name.lastIndexOf(".") + 1);
  if (short === "PortRange") return portRangeProblem(scalar, newest);
  const check = Object.hasOwn(texts, short) ? texts[short] : undefined;
  if (!check) throw new Error(`There is no check for values of the type ${name}.`);
  if (type.decoder === "yaml") {
    const problem = scalarProblem(scalar, { pointer: false, is: "string" }, newest);
    if (problem !== null) return problem;
  }
  return check(scalar.text);
}
