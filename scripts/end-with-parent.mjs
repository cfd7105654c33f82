// Loaded into servers that a command starts: their input is a pipe, which closes when the command ends, also when it is killed.
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).on("error", () => {});
process.stdin.resume().unref();
