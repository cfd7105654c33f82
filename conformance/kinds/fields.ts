import fs from "node:fs";
import { fieldTableFile, fieldTableOf } from "../field-table";
import type { AnyKind } from "../kind";

/** The committed table of config fields is what the libraries of the release decode. */
export const fields: AnyKind = {
  name: "fields",
  async run({ judge, say }) {
    const file = fieldTableFile(judge.release);
    const agrees = fs.readFileSync(file, "utf8") === (await fieldTableOf(judge));
    if (!agrees) say(`${file} is not what the libraries say: npm run conformance -- --write-fields`);
    return { cases: 1, disagreements: agrees ? 0 : 1 };
  },
};
