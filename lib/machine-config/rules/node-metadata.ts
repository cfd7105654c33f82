import {
  labelValueProblem,
  ownAnnotations,
  qualifiedNameProblem,
  taintProblem,
} from "@/lib/machine-config/check/kubernetes-names";
import type { ConfigView } from "@/lib/machine-config/check/view";

function problems(part: ConfigView, valueProblem: (key: string, value: string) => string | null): void {
  for (const [key, member] of part.members()) {
    for (const problem of [qualifiedNameProblem(key), valueProblem(key, member.value)])
      if (problem !== null) member.error("", problem);
  }
}

const mostAnnotationBytes = 256 * 1024;

/** Labels, annotations and taints of a node, in the v1alpha1 document and in KubeNodeConfig. */
export function nodeMetadata(labels: ConfigView, annotations: ConfigView, taints: ConfigView): void {
  problems(labels, (_, value) => labelValueProblem(value));
  problems(annotations, (key) =>
    ownAnnotations.includes(key) ? "Talos keeps its own account in this annotation." : null,
  );
  const size = annotations
    .members()
    .reduce((sum, [key, { value }]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > mostAnnotationBytes) annotations.error("", "The annotations are larger than 256 KiB together.");
  problems(taints, (_, value) => taintProblem(value));
}
