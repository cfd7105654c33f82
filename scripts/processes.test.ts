import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { takeDataDir, waitForHealth } from "./processes.mjs";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-processes-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** One that has ended and that nobody has asked after yet (Z) is no more. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

describe("the data directory", () => {
  const lock = path.join(dir, "ichor.pid");

  test("is refused while another process has it", async () => {
    const script = `import { takeDataDir, waitForHealth } from "./processes.mjs"; takeDataDir(process.argv[1]); console.log("taken");`;
    const owner = spawn(
      process.execPath,
      ["--input-type=module", "--eval", `${script} setInterval(() => {}, 1e6);`, dir],
      {
        cwd: import.meta.dirname,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(owner.stdout, "data");
    expect(() => takeDataDir(dir)).toThrow(`(process ${owner.pid})`);
    owner.kill("SIGKILL");
    await once(owner, "exit");
    takeDataDir(dir)();
    expect(fs.existsSync(lock)).toBe(false);
  });

  test.runIf(process.platform === "linux")("is free when its owner's number is another process's now", () => {
    fs.writeFileSync(lock, `${process.ppid} 1`);
    takeDataDir(dir)();
  });
});

test("a server ends with the command that started it, also when that is killed", async () => {
  const script = `import { startNode } from "./processes.mjs";
    const { child } = startNode(["--eval", "console.log('up'); setInterval(() => {}, 1e6)"], {
      server: true,
      output: () => console.log(child.pid),
    });`;
  const command = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(command.stdout, "data")) as [Buffer];
  const server = Number(String(line));
  expect(isAlive(server)).toBe(true);
  command.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(server)).toBe(false), { timeout: 15_000 });
});

test("a port that browsers refuse is named at once, not waited for", async () => {
  const server = { ended: new Promise(() => {}) };
  await expect(waitForHealth("http://127.0.0.1:4190", server, 5_000)).rejects.toThrow(/Browsers do not open/);
});
