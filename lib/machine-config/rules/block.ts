import { checkCel } from "@/lib/machine-config/check/cel";
import { parseVolumeSize, type VolumeSize } from "@/lib/machine-config/check/go-size";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { durationMs, needsName, needsPlainName, needsText, notNegative } from "@/lib/machine-config/rules/names";
import type { Rule, RuleContext } from "@/lib/machine-config/rules/rule";

/* Volumes: types/block/*.go. */

const systemVolumes: Record<string, string> = {
  STATE: "1.11",
  EPHEMERAL: "1.11",
  IMAGECACHE: "1.11",
  ETCD: "1.14",
  CRI: "1.14",
  KUBELET: "1.14",
  LOG: "1.14",
};
/** A partition's label has 36 characters, with a prefix of two by Talos. */
const longestName = 34;
const minScrubMs = 10_000;

const sizeAt = (view: ConfigView, path: string, percentages: boolean): VolumeSize | null => {
  const text = view.text(path);
  return text === "" ? null : parseVolumeSize(text, { percentages });
};

/** `required`: a disk has to be selected. `sizes`: the volume is a part of a disk, so sizes mean something. */
function provisioning(document: ConfigView, required: boolean, sizes: boolean, { isAtLeast }: RuleContext): void {
  checkCel(document, "provisioning.diskSelector.match", {
    environment: "disk",
    type: "bool",
    isAtLeast,
    ...(required ? { required: "The expression that selects the disk is missing." } : {}),
  });
  const least = sizeAt(document, "provisioning.minSize", false);
  const most = sizeAt(document, "provisioning.maxSize", isAtLeast("1.12"));
  const has = (field: string) => document.has(`provisioning.${field}`) && document.text(`provisioning.${field}`) !== "";
  if (!sizes) {
    for (const field of ["minSize", "maxSize", "grow"])
      if (has(field)) document.error(`provisioning.${field}`, "A whole disk has no size to choose.");
    return;
  }
  if (least && most && "bytes" in least && "bytes" in most && !most.negative) {
    if (least.bytes > most.bytes) document.error("provisioning.maxSize", "It is smaller than minSize.");
  } else if (required && !has("minSize") && !has("maxSize")) {
    document.error("provisioning.minSize", "minSize or maxSize is wanted.");
  }
  if (least?.negative) document.error("provisioning.minSize", "It cannot be negative.");
  // 1.13 is the first that takes what is to be left free.
  if (most?.negative && !isAtLeast("1.13"))
    document.error("provisioning.maxSize", "It cannot be negative before Talos 1.13.");
}

/** Go's zero value counts as none: without provider and keys (EncryptionSpec.IsZero). */
const isEncrypted = (spec: ConfigView): boolean =>
  !["", "none"].includes(spec.text("provider").toLowerCase()) || spec.items("keys").length > 0;

function encryption(document: ConfigView): void {
  const spec = document.at("encryption");
  if (!isEncrypted(spec)) return;
  if (spec.text("provider").toLowerCase() !== "luks2") spec.error("provider", "luks2 is the only provider.");
  const keys = spec.items("keys");
  if (keys.length === 0) spec.error("keys", "At least one key is wanted.");
  const slots = new Set<number>();
  for (const key of keys) {
    const slot = key.number("slot");
    if (slots.has(slot)) key.error("slot", "The slot is used twice.");
    slots.add(slot);
    if (!["static", "nodeID", "kms", "tpm"].some((kind) => key.has(kind)))
      key.error("", "A key is static, nodeID, kms or tpm; this one is none of them.");
    for (const pcr of key.items("tpm.options.pcrs")) {
      const number = Number(pcr.value);
      if (!(number >= 0 && number <= 23)) pcr.error("", "PCRs are numbered from 0 to 23.");
    }
  }
}

function filesystem(document: ConfigView): void {
  const type = document.text("filesystem.type").toLowerCase() || "xfs";
  const usable = ["none", "xfs", "ext4", "btrfs"].includes(type);
  if (!usable) return document.error("filesystem.type", "A volume can have xfs, ext4 or btrfs.");
  const isXfs = type === "xfs" || type === "none";
  if (!isXfs && document.bool("filesystem.projectQuotaSupport") === true)
    return document.error("filesystem.projectQuotaSupport", "Only xfs has project quotas.");
  if (!isXfs && document.has("filesystem.xfs")) document.error("filesystem.xfs", "These options are for xfs only.");
}

function upkeep(document: ConfigView): void {
  notNegative(document, "trim.interval");
  const scrub = durationMs(document, "scrub.interval");
  if (scrub !== 0 && scrub < minScrubMs) document.error("scrub.interval", "The interval is 10s at least.");
}

/** Is anything set below it? Zero values of Go do not count. */
const isSet = (part: ConfigView): boolean => {
  const members = part.members();
  return members.length > 0 ? members.some(([, member]) => isSet(member)) : part.filled || part.value !== "";
};

export const volume: Rule = (document, context) => {
  const name = document.text("name");
  const since = Object.hasOwn(systemVolumes, name) ? systemVolumes[name] : undefined;
  if (since === undefined || !context.isAtLeast(since)) {
    const known = Object.entries(systemVolumes).filter(([, first]) => context.isAtLeast(first));
    return document.error("name", `Talos' own volumes are ${known.map(([volume]) => volume).join(", ")}.`);
  }
  if (name === "STATE") {
    if (isSet(document.at("provisioning"))) document.error("provisioning", "The place of STATE cannot be chosen.");
    for (const key of document.items("encryption.keys"))
      if (key.bool("lockToState") === true) key.error("lockToState", "A key of STATE cannot be locked to STATE.");
  }
  if ((name === "STATE" || name === "IMAGECACHE") && document.has("mount.secure"))
    document.error("mount", `${name} has no mount options.`);
  if (name === "IMAGECACHE" && isSet(document.at("filesystem")))
    document.error("filesystem", "IMAGECACHE has a file system of its own.");
  if (since === "1.14" && isSet(document.at("mount")) && !isSet(document.at("provisioning")))
    document.error("mount", "It needs a partition of its own (provisioning).");
  provisioning(document, false, true, context);
  encryption(document);
  upkeep(document);
};

export const userVolume: Rule = (document, context) => {
  needsPlainName(document, longestName);
  const type = document.text("volumeType").toLowerCase() || "partition";
  if (type === "directory") {
    for (const part of ["provisioning", "encryption", "filesystem"]) {
      const set = part === "encryption" ? isEncrypted(document.at(part)) : isSet(document.at(part));
      if (set) document.error(part, "A directory has no such options.");
    }
    if (document.has("mount.disableAccessTime"))
      document.error("mount.disableAccessTime", "A directory has no such option.");
  } else if (type === "disk" || type === "partition") {
    provisioning(document, true, type === "partition", context);
    filesystem(document);
    encryption(document);
  } else document.error("volumeType", "partition, disk or directory is wanted.");
  upkeep(document);
};

export const rawVolume: Rule = (document, context) => {
  needsPlainName(document, longestName);
  provisioning(document, true, true, context);
  encryption(document);
};

export const existingVolume: Rule = (document, { isAtLeast }) => {
  needsPlainName(document, Infinity);
  const required = "The expression that selects the volume is missing.";
  checkCel(document, "discovery.volumeSelector.match", { environment: "volume", type: "bool", required, isAtLeast });
  upkeep(document);
};

export const externalVolume: Rule = (document) => {
  needsPlainName(document, longestName);
  if (document.text("filesystemType").toLowerCase() !== "virtiofs")
    document.error("filesystemType", "virtiofs is wanted.");
  else needsText(document, "mount.virtiofs.tag", "The tag of the shared folder is missing.");
};

export const zswap: Rule = (document) => {
  const percent = document.number("maxPoolPercent");
  if (percent < 0 || percent > 100) document.error("maxPoolPercent", "It has to be between 0 and 100.");
};

export const filesystemTrim: Rule = (document) => notNegative(document, "interval");

export const filesystemScrub: Rule = (document) => {
  const interval = durationMs(document, "interval");
  if (interval !== 0 && interval < minScrubMs) document.error("interval", "The interval is 10s at least.");
};

const member = "The expression that selects the volumes is missing.";

function ofMembers(document: ConfigView, longest: number, { isAtLeast }: RuleContext): void {
  needsPlainName(document, longest, "_");
  checkCel(document, "provisioning.volumeSelector.match", {
    environment: "member",
    type: "bool",
    required: member,
    isAtLeast,
  });
}

export const lvmVolumeGroup: Rule = (document, context) => ofMembers(document, 63, context);
export const raidArray: Rule = (document, context) => ofMembers(document, 32, context);

export const lvmLogicalVolume: Rule = (document) => {
  needsPlainName(document, 63, "_");
  const type = document.text("type").toLowerCase();
  const counts = [
    { field: "mirrors", types: ["raid1", "raid10"], least: 1 },
    { field: "stripes", types: ["raid0", "raid10"], least: 2 },
  ];
  for (const { field, types, least } of counts) {
    if (!document.has(field)) continue;
    if (!types.includes(type)) document.error(field, `It is for ${types.join(" and ")} only.`);
    else if (document.number(field) < least) document.error(field, `It is ${least} at least.`);
  }
  needsText(document, "provisioning.volumeGroup", "The volume group is missing.");
  if (!needsText(document, "provisioning.maxSize", "The size is missing.")) return;
  const [least, most] = [
    sizeAt(document, "provisioning.minSize", false),
    sizeAt(document, "provisioning.maxSize", true),
  ];
  if (most?.negative) document.error("provisioning.maxSize", "It cannot be negative.");
  if (least && most && "bytes" in least && "bytes" in most && least.bytes > most.bytes)
    document.error("provisioning.minSize", "It is larger than maxSize.");
};

export const namedOnly: Rule = (document) => void needsName(document);
