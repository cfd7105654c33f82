import { checkedSchematicId, releaseTag } from "@/lib/image-factory/asset-urls";
import type { SchematicDocument } from "@/lib/schematic/document";
import { isHarmless } from "@/lib/schematic/shown";

const trimmed = (url: string): string => url.replace(/\/+$/, "");

/** Where machines ask for their script. */
export const ipxeEndpoint = (ichorUrl: string): string => `${trimmed(ichorUrl)}/api/boot/ipxe`;

/** The iPXE command that leads a machine to its script; iPXE fills in what it knows of the machine. */
export const chainCommand = (ichorUrl: string): string =>
  `chain --replace ${ipxeEndpoint(ichorUrl)}?uuid=\${uuid}&mac=\${net0/mac:hexhyp}&arch=\${buildarch}`;

export type CachedBoot = {
  ichorUrl: string;
  schematicId: string;
  talosVersion: string;
  arch: "amd64" | "arm64";
  /** The factory's command line for it; one line. */
  cmdline: string;
};

/** What a machine is told to do. */
export type BootPlan =
  /** Goes on to the factory's own script. */
  | { kind: "chain"; url: string }
  /** Loads kernel and initramfs from us, over the protocol that brought it here. */
  | { kind: "cached"; boot: CachedBoot }
  /** The files are on their way from the factory. */
  | { kind: "wait"; sentence: string; retryUrl: string; waitSeconds: number }
  /** Nothing to boot, and why. */
  | { kind: "explain"; sentences: readonly string[] };

/** Text for an iPXE echo: its own expansions and line breaks taken out. */
const echo = (text: string): string =>
  `echo ${text
    .replace(/[^\x20-\x7e]/g, " ")
    .replaceAll("$", "")
    .slice(0, 200)}`;

/** A URL on an iPXE line: no white space, no control characters. */
function urlText(url: string): string {
  if (/[\s\p{Cc}]/u.test(url)) throw new Error("A URL in an iPXE script must not hold white space.");
  return url;
}

/** Path below Ichor's address of a file of the artifact cache. */
export const cachedAssetPath = (schematicId: string, talosVersion: string, file: string): string =>
  `/api/boot/assets/${checkedSchematicId(schematicId)}/${releaseTag(talosVersion).tag}/${file}`;

function cachedScript({ ichorUrl, schematicId, talosVersion, arch, cmdline }: CachedBoot): string[] {
  const asset = (file: string) => urlText(`${trimmed(ichorUrl)}${cachedAssetPath(schematicId, talosVersion, file)}`);
  // Variables such as ${uuid} are left to iPXE, which knows them too; Talos would fill in the same.
  const args = cmdline.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return [
    "imgfree",
    `kernel ${asset(`kernel-${arch}`)} initrd=initramfs-${arch}.xz ${args}`,
    `initrd ${asset(`initramfs-${arch}.xz`)}`,
    "boot",
  ];
}

/** The iPXE script of a plan. It never holds a machine config, a token or a certificate. Pure. */
export function ipxeScript(plan: BootPlan): string {
  const lines = (): string[] => {
    switch (plan.kind) {
      case "chain":
        return [`chain --replace --autofree ${urlText(plan.url)}`];
      case "cached":
        return cachedScript(plan.boot);
      case "wait":
        return [echo(plan.sentence), `sleep ${plan.waitSeconds}`, `chain --replace ${urlText(plan.retryUrl)}`];
      case "explain":
        return [...plan.sentences.map(echo), "sleep 30", "exit 1"];
    }
  };
  return `#!ipxe\n\n${lines().join("\n")}\n`;
}

/**
 * Why a schematic is not served to whoever knows a UUID or MAC address, since both are guessed easily; null where it is.
 * Only what is known to be harmless is: an embedded machine configuration, META values and unknown arguments may be secrets.
 */
export function secretInSchematic(document: SchematicDocument): string | null {
  if (isHarmless(document)) return null;
  if (document.customization?.embeddedMachineConfiguration) return "its schematic embeds a machine configuration";
  const onlyArgs = isHarmless({
    ...document,
    customization: { ...document.customization, extraKernelArgs: null },
  });
  return onlyArgs ? "its kernel arguments may hold a secret" : "its schematic may hold a secret";
}
