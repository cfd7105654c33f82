import { env } from "@/lib/core/env";
import { parseMasterKey } from "@/lib/core/secret-box";
import { rotateKey } from "@/lib/db/rotate-key";
import { applyStagedRestore } from "@/lib/db/staged-restore";
import { makeBackup } from "./make-backup";

// Does one piece of work in a process of its own, and kills itself at a step of it. Started by kill.test.ts.
const [work, killAt = "", oldKey = "", newKey = ""] = process.argv.slice(2);
let step = 0;
const onStep = (): void => {
  step += 1;
  if (step === Number(killAt)) process.kill(process.pid, "SIGKILL");
};
const keyOf = (text: string): Buffer => parseMasterKey(text) ?? Buffer.alloc(32);

async function main(): Promise<void> {
  if (work === "backup") await makeBackup(1_700_000_000_000, onStep);
  if (work === "restore") applyStagedRestore(env(), onStep);
  if (work === "rotate") rotateKey(env().databaseFile, { oldKey: keyOf(oldKey), newKey: keyOf(newKey), onStep });
  process.stdout.write(String(step));
}
void main();
