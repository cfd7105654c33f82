import { isMainThread } from "node:worker_threads";

// Loaded into servers that a command starts: their input is a pipe, which closes when the command ends, also when it is killed.
// A server's own threads load it, too; they end with the server.
if (isMainThread) {
  process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).on("error", () => {});
  process.stdin.resume().unref();
}
