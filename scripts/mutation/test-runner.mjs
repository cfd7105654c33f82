import path from "node:path";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { strykerPlugins as upstream, strykerValidationSchema } from "@stryker-mutator/vitest-runner";
import { dropThread, warmPool } from "./warm-worker.mjs";

const [{ factory }] = upstream;

/**
 * Stryker's runner for Vitest with two changes: a thread that stays warm from one mutant to the next, and a mutant counts as killed
 * also where a test file fails before its first test, or an error escapes from one: `npm test` fails of either, whereas Stryker's
 * own runner takes the first for a survivor and leaves the second out of the score.
 */
function warmRunner(injector) {
  const runner = factory(injector);
  const [init, dryRun, mutantRun] = [runner.init, runner.dryRun, runner.mutantRun].map((one) => one.bind(runner));
  const failedFiles = () => runner.ctx.state.getFiles().filter((file) => file.result?.state === "fail");
  runner.init = async () => {
    await init();
    for (const { config } of runner.ctx.projects) {
      Object.assign(config, { pool: warmPool.name, poolRunner: warmPool });
      config.setupFiles = [...config.setupFiles, path.resolve("scripts/mutation/fresh-state.mjs")];
    }
  };
  runner.dryRun = async (options) => {
    const result = await dryRun(options);
    const unread = failedFiles().filter((file) => file.tasks.length === 0);
    if (unread.length === 0) return result;
    // Its tests would be missing without a word, and everything that they notice would count as unnoticed.
    const why = unread.map(({ name, result: of }) => `${name}: ${of?.errors?.[0]?.message ?? "it failed"}`);
    return { status: "error", errorMessage: `Test files that cannot be loaded: ${why.join("; ")}` };
  };
  runner.mutantRun = async (options) => {
    const result = await mutantRun(options);
    const failed = failedFiles();
    const killed = (failureMessage) => ({
      status: "killed",
      failureMessage,
      killedBy: options.testFilter?.slice(0, 1) ?? [],
      nrOfTests: options.testFilter?.length ?? 0,
    });
    if (result.status === "error") {
      await dropThread();
      return killed(result.errorMessage);
    }
    if (result.status === "survived" && failed.length > 0)
      return killed(failed[0].result?.errors?.[0]?.message ?? `${failed[0].name} failed before its first test.`);
    return result;
  };
  return runner;
}
warmRunner.inject = factory.inject;

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "warm-vitest", warmRunner)];
export { strykerValidationSchema };
