import type { AnyKind, Kind } from "./kind";
import { Random } from "./random";
import { shrink } from "./shrink";

const atOnce = 64;
const shownPerKind = 3;
const reasonLength = 60;

/** Runs the cases of a kind; the first few that differ are printed as small as they can be made. */
export const judged = <Case>(kind: Kind<Case>): AnyKind => ({
  name: kind.name,
  async run({ judge, seed, long, say }) {
    const cases = kind.cases * (long ? 20 : 1);
    let disagreements = 0;
    for (let at = 0; at < cases; at += atOnce) {
      const batch = Array.from({ length: Math.min(atOnce, cases - at) }, async (_, index) => {
        const caseSeed = seed + at + index;
        const made = await kind.make(new Random(caseSeed));
        return { caseSeed, made, difference: await kind.differs(made, judge) };
      });
      for (const { caseSeed, made, difference } of await Promise.all(batch)) {
        if (difference === null) continue;
        disagreements += 1;
        if (disagreements > shownPerKind) continue;
        // A smaller case that differs for another reason would be another finding.
        const reason = difference.slice(0, reasonLength);
        const small = await shrink(made, async (candidate) =>
          ((await kind.differs(candidate, judge)) ?? "").startsWith(reason),
        );
        say(`${kind.name} (${judge.release}), seed ${caseSeed}: ${await kind.differs(small, judge)}`);
        say(JSON.stringify(small, null, 2));
      }
    }
    return { cases, disagreements };
  },
});
