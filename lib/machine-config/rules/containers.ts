import { parseGoSize } from "@/lib/machine-config/check/go-size";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { needsName, needsText } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* types/container/*.go */

const mountOptions = "ro rw noexec nosuid nodev noatime rbind rshared".split(" ");
const networkConditions = "addresses connectivity hostname etcfiles".split(" ");

function absolute(view: ConfigView, path: string): void {
  if (!view.text(path).startsWith("/")) view.error(path, "An absolute path is wanted.");
}

function mount(view: ConfigView): string {
  const kinds = ["userVolume", "tmpfs", "hostPath"].filter((kind) => view.has(kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    view.error("", "A mount is one of userVolume, tmpfs and hostPath.");
    return "";
  }
  const part = view.at(kind);
  if (kind === "userVolume") needsText(part, "name", "The name of the volume is missing.");
  if (kind === "hostPath") absolute(part, "source");
  absolute(part, "destination");
  const options = part.items("options");
  for (const option of options)
    if (!mountOptions.includes(option.value)) option.error("", `One of ${mountOptions.join(", ")} is wanted.`);
  const given = options.map(({ value }) => value);
  if (given.includes("ro") && given.includes("rw")) part.error("options", "ro and rw exclude each other.");
  return part.text("destination");
}

function security(view: ConfigView): void {
  if (!["", "restricted", "privileged"].includes(view.text("profile")))
    view.error("profile", "restricted or privileged is wanted.");
  const add = view.items("capabilities.add");
  const drop = view.items("capabilities.drop");
  for (const capability of [...add, ...drop]) {
    const { value } = capability;
    if (value === "ALL" && drop.includes(capability)) continue;
    if (value === "ALL") capability.error("", "ALL cannot be added; use the privileged profile.");
    else if (!/^(?!CAP_)[A-Z_]+$/.test(value))
      capability.error("", "A capability in capitals and without CAP_ is wanted, such as NET_ADMIN.");
    else if (add.includes(capability) && drop.some((other) => other.value === value))
      capability.error("", "The capability is added and dropped.");
  }
}

export const container: Rule = (document) => {
  if (needsName(document) && !/^[a-z0-9-]{1,63}$/.test(document.text("name")))
    document.error("name", "The name may hold small letters, digits and hyphens, 63 in all.");
  needsText(document, "image", "The image is missing.");
  if (document.text("image") !== "" && !document.text("image").includes("@sha256:"))
    document.warning("image", "The image is not pinned by its digest, so another may run after a restart.");
  for (const variable of document.items("environment"))
    if (!variable.value.includes("=")) variable.error("", "A variable is written as NAME=value.");
  const seen = new Set<string>();
  for (const item of document.items("mounts")) {
    const destination = mount(item);
    if (destination !== "" && seen.has(destination)) item.error("", "Something else is mounted here already.");
    seen.add(destination);
  }
  security(document.at("security"));
  if (!["", "none", "host"].includes(document.text("network.mode")))
    document.error("network.mode", "none or host is wanted.");
  limits(document.at("resources.limits"));
  for (const path of document.items("dependsOn.paths"))
    if (!path.value.startsWith("/")) path.error("", "An absolute path is wanted.");
  for (const condition of document.items("dependsOn.networks"))
    if (!networkConditions.includes(condition.value))
      condition.error("", `One of ${networkConditions.join(", ")} is wanted.`);
  for (const id of ["uid", "gid"])
    if (document.number(`runAs.${id}`) < 0) document.error(`runAs.${id}`, "It cannot be negative.");
};

function limits(view: ConfigView): void {
  const [memory, cpu] = [view.text("memory"), view.text("cpu")];
  if (memory !== "" && parseGoSize(memory) === null) view.error("memory", "A size such as 512MiB is wanted.");
  if (cpu !== "" && !/^0*[1-9]\d*m$/.test(cpu)) view.error("cpu", "Thousandths of a core are wanted, such as 1500m.");
}

/** What a container waits for has to be configured, and may not wait for it (config/container/container_deps.go). */
export function containerOrder(documents: readonly ConfigView[]): void {
  const byName = new Map(documents.map((document) => [document.text("name"), document]));
  const needs = (document: ConfigView) => document.items("dependsOn.containers");
  for (const document of documents) {
    for (const item of needs(document)) {
      if (!byName.has(item.value)) item.error("", "There is no container of this name.");
      else if (reaches(item.value, document.text("name"), byName))
        item.error("", "The containers wait for each other.");
    }
  }
}

function reaches(from: string, to: string, byName: ReadonlyMap<string, ConfigView>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(
      ...(byName
        .get(name)
        ?.items("dependsOn.containers")
        .map(({ value }) => value) ?? []),
    );
  }
  return false;
}
