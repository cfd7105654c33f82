import { shownLine } from "@/lib/core/shown-line";
import type { NodeFacts } from "./facts";
import type { NodeView } from "./schema";

/** The same list gives the same answer, so that a view which has not changed is known as such. */
function kept<T extends object, R>(make: (value: T) => R): (value: T) => R {
  const known = new WeakMap<T, R>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const made = make(value);
    known.set(value, made);
    return made;
  };
}

const services = kept((list: NodeFacts["services"]) =>
  list.map((service) => ({ ...service, lastMessage: shownLine(service.lastMessage) })),
);
const conditions = kept((list: NodeFacts["unmetConditions"]) =>
  list.map(({ name, reason }) => ({ name, reason: shownLine(reason) })),
);
const diagnostics = kept((list: NodeFacts["diagnostics"]) =>
  list.map(({ id, message, details }) => ({ id, message: shownLine(message), details: details.map(shownLine) })),
);
const evidence = kept((list: NodeView["proofs"]) =>
  list.map((proof) => ({ ...proof, evidence: proof.evidence.map(shownLine) })),
);

/** The parts of a node in its own words, as people see them who may not read its logs. */
export const shownWords = (
  facts: Pick<NodeFacts, "services" | "unmetConditions" | "diagnostics">,
  proofs: NodeView["proofs"],
): Pick<NodeView, "services" | "unmetConditions" | "diagnostics" | "proofs"> => ({
  services: services(facts.services),
  unmetConditions: conditions(facts.unmetConditions),
  diagnostics: diagnostics(facts.diagnostics),
  proofs: evidence(proofs),
});
