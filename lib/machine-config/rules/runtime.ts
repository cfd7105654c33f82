import { checkCel } from "@/lib/machine-config/check/cel";
import { splitHostPort } from "@/lib/machine-config/check/go-net";
import { goUrlOrNull } from "@/lib/machine-config/check/go-url";
import { isGoBase64 } from "@/lib/machine-config/check/named";
import { durationMs, needsName, needsText } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* Documents of the machine itself: types/{runtime,cluster,siderolink}/*.go. */

export const environment: Rule = (document) => {
  for (const [key, member] of document.members("variables"))
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      member.error("", "The name of a variable has letters, digits and underscores.");
};

const managedFiles = new Set("resolv.conf hosts machine-id extensions.yaml localtime os-release xattr.conf".split(" "));
const managedFolders = new Set(
  "apparmor.d apparmor ca-certificates cni cri iscsi kubernetes lvm nvme pki selinux ssl".split(" "),
);

/** Go's filepath.IsLocal on Linux: relative, and never above where it starts. */
function isLocalPath(path: string): boolean {
  if (path === "" || path.startsWith("/")) return false;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return false;
  }
  return true;
}

export const etcFile: Rule = (document) => {
  if (!needsName(document)) return;
  const name = document.text("name");
  if (!isLocalPath(name) || name.startsWith("."))
    document.error("name", "The name is a path within /etc, such as multipath.conf.");
  else if (managedFiles.has(name) || managedFolders.has(name.split("/", 1)[0] ?? ""))
    document.error("name", "Talos manages this file itself.");
};

export const eventSink: Rule = (document) => {
  if (splitHostPort(document.text("endpoint")) === null)
    document.error("endpoint", "An address with its port is wanted.");
};

export const kmsgLog: Rule = (document) => {
  needsName(document);
  if (!needsText(document, "url", "The URL is missing.")) return;
  const url = goUrlOrNull(document.text("url"));
  if (!url) return;
  if (url.scheme !== "tcp" && url.scheme !== "udp")
    document.error("url", "A URL that begins with tcp:// or udp:// is wanted.");
  else if (url.path !== "" && url.path !== "/") document.error("url", "The URL has no path.");
  else if (url.port === "") document.error("url", "The port is missing.");
};

export const sideroLink: Rule = (document) => {
  if (!needsText(document, "apiUrl", "The URL is missing.")) return;
  const url = goUrlOrNull(document.text("apiUrl"));
  if (!url) return;
  if (url.scheme !== "https" && url.scheme !== "grpc")
    document.error("apiUrl", "A URL that begins with https:// or grpc:// is wanted.");
  else if (url.path !== "" && url.path !== "/") document.error("apiUrl", "The URL has no path.");
};

export const oom: Rule = (document) => {
  checkCel(document, "triggerExpression", { environment: "oom-trigger", type: "bool" });
  checkCel(document, "cgroupRankingExpression", { environment: "oom-score", type: "double" });
  if (durationMs(document, "sampleInterval") < 0) document.error("sampleInterval", "The duration cannot be negative.");
};

/** Of SysctlConfig and SysfsConfig. */
export const params: Rule = (document) => {
  for (const [key, member] of document.members("params")) if (key === "") member.error("", "The key is missing.");
};

export const watchdogTimer: Rule = (document) => {
  needsText(document, "device", "The device is missing.");
  const timeout = durationMs(document, "timeout");
  if (timeout !== 0 && timeout < 10_000) document.error("timeout", "The time-out is 10s at least.");
};

export const unattendedInstall: Rule = (document, { isAtLeast }) => {
  if (document.text("installer.image") === "")
    document.warning("installer.image", "Without an image only media of the Image Factory can install.");
  checkCel(document, "provisioning.diskSelector.match", {
    environment: "disk",
    type: "bool",
    required: "The disk to install to is not selected; a patch that leaves it out erases it.",
    isAtLeast,
  });
};

export const extensionService: Rule = (document) => {
  needsName(document);
  const files = document.items("configFiles");
  if (files.length === 0 && document.items("environment").length === 0)
    document.error("", "Neither configFiles nor environment is given.");
  for (const file of files) {
    needsText(file, "content", "The content is missing.");
    needsText(file, "mountPath", "The path is missing.");
  }
};

export const discoveryIdentity: Rule = (document) => {
  needsText(document, "clusterID", "The cluster's ID is missing.");
  const secret = document.text("clusterSecret");
  if (!isGoBase64(secret) || Buffer.from(secret, "base64").length !== 32)
    document.error("clusterSecret", "The cluster's secret has to be 32 bytes in base64.");
};

export const discoveryService: Rule = (document) => {
  needsName(document);
  if (!needsText(document, "endpoint", "The endpoint is missing.")) return;
  const url = goUrlOrNull(document.text("endpoint"));
  if (url && (!/^(?:https?|grpc)$/.test(url.scheme) || url.hostname === ""))
    document.error("endpoint", "A URL that begins with https://, http:// or grpc:// is wanted.");
};
