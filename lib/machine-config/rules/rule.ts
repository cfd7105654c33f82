import type { ConfigView } from "@/lib/machine-config/check/view";
import type { VersionContract } from "@/lib/machine-config/schema";
import type { RuntimeMode } from "@/lib/machine-config/validate-schema";

/** What a rule may depend on. */
export type RuleContext = {
  contract: VersionContract;
  /** Is the release at least this one? Where only the contract is known, the newest patch release of it is meant. */
  isAtLeast: (release: string) => boolean;
  mode: RuntimeMode;
};

/** A rule of one document: tells the view what Talos refuses. Its source is the `Validate` method of the document's type in pkg/machinery/config/types. */
export type Rule = (document: ConfigView, context: RuleContext) => void;
