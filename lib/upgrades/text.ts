import type { RunNodeState, RunState, RunStep } from "./schema";

/** What the installer's exit codes mean (`pkg/machinery/constants`, 1.14; older installers say 1 for everything). */
const exits: Record<number, string> = {
  1: "The installer failed; its lines say why.",
  2: "The installer refused its input: this image cannot be installed here.",
  3: "The installer does not support this machine or this change.",
  4: "The installer's pre-flight checks failed: this version may not follow the one that runs.",
  5: "The installer lacked something that it needs, such as an image or a signature.",
  6: "The installer could not read or write the disk.",
  7: "The installer failed while it wrote the system.",
};

/** One sentence for an installer's exit code. Nothing that runs has been changed by a failure: the other slot was written. */
export const installerExitSentence = (code: number): string =>
  code === 0
    ? "The installer succeeded."
    : `${exits[code] ?? "The installer failed."} (Exit code ${code}; the running system is untouched.)`;

export const runNodeStateText: Record<RunNodeState, string> = {
  queued: "Queued",
  pulling: "Pulling image",
  pulled: "Image pulled",
  installing: "Installing",
  draining: "Draining",
  rebooting: "Rebooting",
  proving: "Proving",
  uncordoning: "Uncordoning",
  soaking: "Soaking",
  done: "Done",
  skipped: "Skipped",
  failed: "Failed",
  "rolled-back": "Rolled back",
  unknown: "Unknown",
};

export const runStateText: Record<RunState, string> = {
  planned: "Planned",
  running: "Running",
  paused: "Paused",
  cancelling: "Cancelling",
  halted: "Halted",
  done: "Done",
  cancelled: "Cancelled",
};

export const runStepText: Record<RunStep, { title: string; about: string }> = {
  preflight: { title: "Preflight", about: "Is it still what the plan saw?" },
  pull: { title: "Pull", about: "The image is fetched while the node goes on working." },
  install: { title: "Install", about: "The image is written to the slot that is not running." },
  drain: { title: "Drain", about: "The node is cordoned and its pods are evicted within their budgets." },
  reboot: { title: "Reboot", about: "The node restarts into the new slot; etcd is checked right before." },
  prove: { title: "Prove", about: "Version, schematic, extensions, modules and GPUs are read back." },
  uncordon: { title: "Uncordon", about: "Our cordon is taken back." },
  soak: { title: "Soak", about: "The node has to stay well for a while." },
};
