import type { ConfigView } from "@/lib/machine-config/check/view";

/* The bond of machine.network.interfaces: checkBond of types/v1alpha1/v1alpha1_validation.go. Words are small letters there. */

const words: Record<string, string> = {
  mode: "balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb",
  xmitHashPolicy: "layer2 layer3+4 layer2+3 encap2+3 encap3+4",
  lacpRate: "slow fast",
  arpValidate: "none active backup all filter filter-active filter-backup",
  arpAllTargets: "any all",
  primaryReselect: "always better failure",
  failOverMac: "none active follow",
  adSelect: "stable bandwidth count",
};

/** Fields that are for some modes only. */
const modes: Record<string, (mode: string) => boolean> = {
  lacpRate: (mode) => mode === "802.3ad",
  arpValidate: (mode) => !["802.3ad", "balance-alb", "balance-tlb"].includes(mode),
  primary: (mode) => ["active-backup", "balance-alb", "balance-tlb"].includes(mode),
  arpInterval: (mode) => !["802.3ad", "balance-alb", "balance-tlb"].includes(mode),
  tlbDynamicLb: (mode) => mode === "balance-alb" || mode === "balance-tlb",
  adActorSysPrio: (mode) => mode === "802.3ad",
  adUserPortKey: (mode) => mode === "802.3ad",
};

export function bondRules(bond: ConfigView): void {
  for (const [field, known] of Object.entries(words)) {
    const text = bond.text(field);
    if (text !== "" && !known.split(" ").includes(text))
      bond.error(field, `One of ${known.split(" ").join(", ")} is wanted.`);
  }
  const mode = bond.text("mode") || "balance-rr";
  for (const [field, fits] of Object.entries(modes))
    if (bond.at(field).filled && !fits(mode)) bond.error(field, `It is not for the mode ${mode}.`);
  if (mode !== "balance-rr" && bond.number("packetsPerSlave") > 1)
    bond.error("packetsPerSlave", `It is not for the mode ${mode}.`);
  const interval = bond.number("miimon");
  for (const field of ["updelay", "downdelay"]) {
    const delay = bond.number(field);
    if (interval === 0 ? delay !== 0 : delay % interval !== 0) bond.error(field, "It has to be a multiple of miimon.");
  }
  if (bond.items("arpIPTarget").length > 0) bond.error("arpIPTarget", "Talos does not support it.");
  if (bond.text("adActorSystem") !== "") bond.error("adActorSystem", "Talos does not support it.");
}
