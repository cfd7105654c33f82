// Imported first by every command: says in one sentence that Node is too old, before anything newer is used.
const needed = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `Ichor needs Node ${needed.join(".")} or newer; this is Node ${process.versions.node}. Install a newer one from nodejs.org.`,
  );
  process.exit(1);
}
