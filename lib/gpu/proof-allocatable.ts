import { cardsOf } from "./covering-profile";
import { gpuDriverOf, gpuDrivers } from "./drivers";
import { expectedResources } from "./profile-parts";
import { builtInProfile } from "./profiles";
import type { LinkFinding, LinkInput } from "./proof-links";
import { inRange } from "./talos-release";

/** The last link: does Kubernetes offer the cards that the profile's driver has? */
export function allocatable({ evidence, profile, minor }: LinkInput): LinkFinding {
  const [addOn] = profile.addOns.filter(({ talos, resources }) => inRange(minor, talos) && resources.length > 0);
  if (!addOn) return { state: "not-applicable", evidence: "the profile has no Kubernetes add-on" };
  const resources = expectedResources(profile, minor);
  const driver = gpuDriverOf(profile.driver.kind);
  if (!evidence.allocatable) return { state: "unknown", evidence: "Kubernetes could not be asked" };
  // At least this card: one that another driver holds, or none does, is no fault of this one.
  const wanted = Math.max(1, cardsOf(profile, evidence).length);
  const counts = Object.entries(evidence.allocatable).filter(
    ([name, count]) =>
      (resources.includes(name) || (driver !== null && gpuDrivers[driver].resources.test(name))) && Number(count) > 0,
  );
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
  const text = counts.map(([name, count]) => `${name}: ${count}`).join(", ") || `${resources.join(", ")}: 0`;
  if (total >= wanted) return { state: "proven", evidence: text };
  return {
    state: "broken",
    evidence: text,
    why:
      total === 0
        ? `Kubernetes does not offer ${resources.join(" or ")} on this node: no device plugin has registered it.`
        : `Kubernetes offers ${total} of this node's ${wanted} GPUs.`,
    remedy: {
      sentence: `Install ${addOn.title} in the cluster, or look at its pods on this node.`,
      action: {
        kind: "install-add-on",
        addOn: addOn.id,
        profileId: builtInProfile(profile.id)?.id ?? null,
      },
    },
  };
}
