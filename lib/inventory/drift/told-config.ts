import { summariseDiff } from "@/lib/machine-config/diff";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { installImageOf } from "@/lib/machine-config/install-image";
import { configHash } from "../config-hash";

/** What a node's configs tell that may be kept: nothing secret. */
export type ToldConfig = {
  installImage: string | null;
  hash: string;
  staged: { summary: string[]; installImage: string | null; hash: string } | null;
};

const mostSentences = 20;

/** Reads what is kept of the config that runs and of the one that waits for the next boot. Pure; the texts are a node's. */
export function toldConfig({ active, staged }: { active: string; staged: string | null }): ToldConfig {
  const imageIn = (text: string) => installImageOf(parseMachineConfig(text)).image;
  return {
    installImage: imageIn(active),
    hash: configHash(active),
    staged:
      staged === null
        ? null
        : {
            summary: summariseDiff(active, staged).slice(0, mostSentences),
            installImage: imageIn(staged),
            hash: configHash(staged),
          },
  };
}

/** Do two texts say the same, whatever they look like? */
export const isSameConfig = ({ one, other }: { one: string; other: string }): boolean =>
  configHash(one) === configHash(other);
