import { countOf } from "@/lib/core/units";
import { carriesDriver } from "@/lib/gpu/covering-profile";
import { currentExtensionName } from "@/lib/gpu/extension-catalogue";
import { isUnpublished, plainInstallerEndsAt, readInstallerImage } from "@/lib/image-factory/installer-image";
import { emptySchematicId } from "@/lib/schematic/canonical";
import type { NodeFacts } from "../facts";

export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 12)}…` : id);

type Running = Pick<NodeFacts, "runningSchematicId" | "runningSchematic" | "extensions" | "secureBoot" | "platform">;

const list = new Intl.ListFormat("en", { type: "conjunction" });
/** `amd-ucode and 3 more`: names without their publisher, so that a sentence stays one. */
export function extensionWords(names: readonly string[]): string {
  const short = names.map((name) => name.replace(/^siderolabs\//, ""));
  return list.format(short.length <= 3 ? short : [...short.slice(0, 2), `${short.length - 2} more`]);
}

/** The extensions that run, by their official names: the schematic's own list, else those that the node tells. */
export const runningExtensions = ({ runningSchematic, extensions }: Running): string[] =>
  (runningSchematic?.extensions ?? extensions.map(({ name }) => `siderolabs/${name}`)).map(currentExtensionName);

/** The schematic that an installer image installs: Talos' own is the empty one. Null where the name does not tell. */
export function schematicOfImage(image: string): string | null {
  const installer = readInstallerImage(image);
  if (installer.kind === "factory") return installer.schematicId;
  return installer.kind === "plain" ? emptySchematicId : null;
}

/** The schematic that runs; a node that has none and no extension runs Talos as it is released. */
export const runningIdentity = ({ runningSchematicId, extensions }: Running): string | null =>
  runningSchematicId ?? (extensions.length === 0 ? emptySchematicId : null);

export type InstallVerdict = {
  /** Would a reinstall bring another image? Null = it cannot be told. */
  differs: boolean | null;
  loses: string[];
  /** What is wrong with the image, as whole sentences; empty where nothing is. */
  sentences: string[];
  /** Those of them that warn: not the one that another image, which loses nothing, would come. */
  warnings: string[];
};

/** `the plain ghcr.io/siderolabs/installer:v1.13.9, without extensions`, `schematic 9c1d1b442d73…`, `ghcr.io/me/talos:v1, which …`. */
export function installWords(image: string): string {
  const installer = readInstallerImage(image);
  if (installer.kind === "factory") return `schematic ${shortId(installer.schematicId)}`;
  return installer.kind === "plain"
    ? `${image}, which has no extensions`
    : `${image}, which is none of an Image Factory`;
}

function consequence(loses: readonly string[] | null): string {
  if (loses === null) return "what a reinstall would bring is not known here";
  if (loses.length === 0) return "a reinstall would bring another image";
  const driver = loses.some(carriesDriver) ? ", the GPU driver among them" : "";
  return `a reinstall would lose ${countOf(loses.length, "extension")}${driver}: ${extensionWords(loses)}`;
}

/**
 * What a reinstall with this image would change on a node that runs as it does. Pure; `contents` are the image's extensions, null where they
 * are not known.
 */
export function judgeInstallImage(image: string, contents: readonly string[] | null, running: Running): InstallVerdict {
  const installer = readInstallerImage(image);
  const wanted = schematicOfImage(image);
  const runs = runningIdentity(running);
  const sentences: string[] = [];
  // Two images of their own making cannot be told apart by name, nor blamed for it.
  const same = wanted === null ? (running.runningSchematicId === null ? null : false) : runs === wanted;
  const known = wanted === emptySchematicId ? [] : contents;
  const lost = known && runningExtensions(running).filter((name) => !known.map(currentExtensionName).includes(name));
  const loses = same === false ? lost : [];
  if (same === false) {
    const what =
      runs === null ? "a custom image" : runs === emptySchematicId ? "plain Talos" : `schematic ${shortId(runs)}`;
    sentences.push(
      `The install image in its config is ${installWords(image)}, while ${what} runs: ${consequence(loses)}.`,
    );
  }
  if (isUnpublished(installer)) {
    sentences.push(
      `There is no image ${image}: from Talos ${plainInstallerEndsAt.text} on, siderolabs/installer is not published.`,
    );
  } else if (installer.kind === "plain" && loses !== null && loses.length > 0) {
    sentences.push(`From Talos ${plainInstallerEndsAt.text} on there is no such image.`);
  }
  if (installer.kind === "factory" && running.secureBoot === true && !installer.secureboot) {
    sentences.push(
      "The install image in its config is not a SecureBoot one: a reinstall would not boot with SecureBoot.",
    );
  }
  const { platform } = running;
  if (installer.kind === "factory" && installer.platform && platform && installer.platform !== platform) {
    sentences.push(
      `The install image in its config is for the platform ${installer.platform}, while the node runs on ${platform}.`,
    );
  }
  return {
    differs: sentences.length > 0 ? true : same === null ? null : false,
    loses: loses ?? [],
    sentences,
    warnings: loses?.length === 0 && same === false ? sentences.slice(1) : sentences,
  };
}
