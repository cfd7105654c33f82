import { kernelArgMark } from "@/lib/core/unrendered/kernel-args";
import { isMarkAlone, markWords, unrenderedMark, type UnrenderedMark } from "@/lib/core/unrendered/marks";
import { unrenderedValues, type ValuePath } from "@/lib/core/unrendered/values";
import {
  documentId,
  documentLabel,
  isLegacyDocument,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";

type Judge = (text: string) => UnrenderedMark | null;

/** A text for another program, which may have marks of its own: only what stands for the whole text counts. */
const freeText: Judge = (text) => {
  const mark = unrenderedMark(text);
  return mark !== null && (mark.kind === "encrypted" || isMarkAlone(text)) ? mark : null;
};

/** Values for another program, where `$(NAME)` or `${NAME}` alone may be right (arguments of a pod, a shell's script). */
const foreign: Judge = (text) => {
  const mark = freeText(text);
  return mark?.kind === "variable" || mark?.kind === "placeholder" ? null : mark;
};

/** The kubelet fills `$(NAME)` in arguments and variables of static pods from their environment. */
const staticPod: Judge = (text) => unrenderedMark(text.replace(/\$\([A-Za-z_][\w.-]*\)/g, ""));

// `*` is one step of a path, `**` all that follow. What is not listed holds no marks.
const judges: readonly (readonly [kind: string, path: string, judge: Judge])[] = [
  ["", "machine.files.*.content", freeText],
  ["", "machine.nodeAnnotations.*", freeText],
  ["", "cluster.inlineManifests.*.contents", freeText],
  ["", "machine.udev.rules.*", foreign],
  ["", "machine.pods.**", foreign],
  ["", "machine.seccompProfiles.*.value.**", foreign],
  ["", "machine.baseRuntimeSpecOverrides.**", foreign],
  ["", "cluster.apiServer.auditPolicy.**", foreign],
  ["", "cluster.apiServer.authorizationConfig.**", foreign],
  ["", "cluster.apiServer.admissionControl.**", foreign],
  ["", "machine.install.extraKernelArgs.*", kernelArgMark],
  ...["apiServer", "controllerManager", "scheduler", "proxy"].flatMap(
    (part) =>
      [
        ["", `cluster.${part}.extraArgs.**`, staticPod],
        ["", `cluster.${part}.env.**`, staticPod],
      ] as const,
  ),
  ["KubeInlineManifestConfig", "manifest", freeText],
  ["EtcFileConfig", "contents", freeText],
  ["CRICustomizationConfig", "content", freeText],
  ["ExtensionServiceConfig", "configFiles.*.content", freeText],
  ["KubeNodeConfig", "annotations.*", freeText],
  ["UdevRulesConfig", "rules.*", foreign],
  ["KubeStaticPodConfig", "pod.**", foreign],
  ["CRIBaseRuntimeSpecConfig", "overrides.**", foreign],
  ["ContainerConfig", "entrypoint.**", foreign],
  ["ContainerConfig", "args.**", foreign],
  ["KubeAuditPolicyConfig", "configuration.**", foreign],
  ["KubeAdmissionControlConfig", "configuration.**", foreign],
  ["KubeAuthenticationConfig", "configuration.**", foreign],
  ["KubeAuthorizerConfig", "webhook.**", foreign],
  ...["APIServer", "ControllerManager", "Scheduler", "Proxy"].flatMap(
    (part) =>
      [
        [`Kube${part}Config`, "extraArgs.**", staticPod],
        [`Kube${part}Config`, "env.**", staticPod],
      ] as const,
  ),
];

const parsed = judges.map(([kind, path, judge]) => ({ kind, steps: path.split("."), judge }));

function fits(steps: readonly string[], path: ValuePath): boolean {
  if (steps.at(-1) === "**") {
    const fixed = steps.slice(0, -1);
    return path.length >= fixed.length && fits(fixed, path.slice(0, fixed.length));
  }
  return steps.length === path.length && steps.every((step, index) => step === "*" || step === path[index]);
}

/** The mark that counts in a text at a path of a document of the kind ("" is the v1alpha1 document). */
export function configMark(kind: string, text: string, path: ValuePath): UnrenderedMark | null {
  const rule = parsed.find((one) => one.kind === kind && fits(one.steps, path));
  return (rule?.judge ?? unrenderedMark)(text);
}

const sentence = (mark: UnrenderedMark): string => {
  const words = markWords(mark);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
};

/** Texts of a config that another tool should have filled in, each an error at its path. Only names of variables are quoted. */
export function unrenderedIssues(documents: readonly MachineConfigDocument[]): ConfigIssue[] {
  return documents.flatMap((document) => {
    const id = documentId(document);
    const prefix = isLegacyDocument(document) ? [] : [documentLabel(id)];
    return unrenderedValues(document, (text, path) => configMark(id.kind, text, path)).map(
      ({ path, mark }): ConfigIssue => ({
        severity: "error",
        path: [...prefix, ...path].join("."),
        message: sentence(mark),
      }),
    );
  });
}
