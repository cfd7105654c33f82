"use client";

import { Ban, CircleCheck, LogOut } from "lucide-react";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { MenuItem } from "@/components/ui/menu";
import type { NodeView } from "@/lib/inventory/schema";
import { offersScheduling, schedulingRefusal } from "./scheduling";

/** Whether pods may land on the node: of cordon and uncordon the one that fits, and the drain. */
export function SchedulingItems({ node, onDrain }: { node: NodeView; onDrain: () => void }) {
  const operator = useRoleRefusal("operator");
  const refusal = operator ?? schedulingRefusal(node);
  const offers = offersScheduling(node);
  const cordon = useOperation("node.cordon", {
    errors: "toast",
    done: ({ name, cordon: taken }) => ({
      title: taken === "cordoned" ? `${name} is cordoned` : `${name} was cordoned already`,
    }),
  });
  const uncordon = useOperation("node.uncordon", {
    errors: "toast",
    done: ({ name, cordon: given }) => ({
      title: given === "uncordoned" ? `${name} takes pods again` : `${name} was not cordoned`,
    }),
  });
  return (
    <>
      {offers.includes("cordon") && (
        <MenuItem icon={Ban} disabledReason={refusal} onSelect={() => void cordon.run({ nodeId: node.id })}>
          Cordon
        </MenuItem>
      )}
      {offers.includes("uncordon") && (
        <MenuItem icon={CircleCheck} disabledReason={refusal} onSelect={() => void uncordon.run({ nodeId: node.id })}>
          Uncordon
        </MenuItem>
      )}
      <MenuItem icon={LogOut} disabledReason={refusal} onSelect={onDrain}>
        Drain…
      </MenuItem>
    </>
  );
}
