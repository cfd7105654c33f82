import { type RunStep, runSteps } from "@/lib/upgrades/run-steps";
import type { RunEvent } from "@/lib/upgrades/schema";

export type Segment = { step: RunStep; startMs: number; endMs: number | null; ok: boolean | null };
export type StepState = "waiting" | "running" | "done" | "failed";
export type InstallerLine = { seq: number; atMs: number; text: string; kind: "line" | "exit" | "note"; ok: boolean };
type Of<K extends RunEvent["kind"]> = Extract<RunEvent, { kind: K }>;

export type NodeStory = {
  nodeId: string;
  segments: Segment[];
  steps: Record<RunStep, StepState>;
  layers: Of<"layers">["layers"];
  lines: InstallerLine[];
  drain: Of<"drain"> | null;
  proof: Of<"proof">["checks"];
  /** Each GPU's proof chain before the run and now. */
  gpus: Of<"proof">["gpus"];
  /** When, and in which boot, the proof was read; null before there is one. */
  proofRead: { atMs: number; bootId: string | null } | null;
};

const mostLines = 2_000;
const emptySteps = (): Record<RunStep, StepState> =>
  Object.fromEntries(runSteps.map((step) => [step, "waiting"])) as Record<RunStep, StepState>;

export const emptyStory = (nodeId: string): NodeStory => ({
  nodeId,
  segments: [],
  steps: emptySteps(),
  layers: [],
  lines: [],
  drain: null,
  proof: [],
  gpus: [],
  proofRead: null,
});

function addLine(story: NodeStory, event: RunEvent, kind: InstallerLine["kind"], text: string, ok = true): void {
  story.lines.push({ seq: event.seq, atMs: event.atMs, kind, text, ok });
  if (story.lines.length > mostLines) story.lines.splice(0, story.lines.length - mostLines);
}

function tell(story: NodeStory, event: RunEvent): void {
  switch (event.kind) {
    case "step-started":
      story.steps[event.step] = "running";
      story.segments.push({ step: event.step, startMs: event.atMs, endMs: null, ok: null });
      return;
    case "step-finished": {
      story.steps[event.step] = event.ok ? "done" : "failed";
      const open = story.segments.findLast(({ step, endMs }) => step === event.step && endMs === null);
      if (open) Object.assign(open, { endMs: event.atMs, ok: event.ok });
      if (event.detail) addLine(story, event, "note", event.detail, event.ok);
      return;
    }
    case "node-state":
      // A node that ended leaves no step open, whatever was on its way.
      if (["done", "failed", "rolled-back", "skipped", "unknown"].includes(event.state)) {
        for (const open of story.segments.filter(({ endMs }) => endMs === null)) {
          Object.assign(open, { endMs: event.atMs, ok: event.state === "done" });
          story.steps[open.step] = event.state === "done" ? "done" : "failed";
        }
      }
      return;
    case "layers":
      story.layers = event.layers;
      return;
    case "installer-line":
      return addLine(story, event, "line", event.text);
    case "installer-exit":
      return addLine(story, event, "exit", `exit code ${event.code}`, event.code === 0);
    case "sequence":
    case "note":
      return addLine(story, event, "note", event.text);
    case "drain":
      story.drain = event;
      return;
    case "proof":
      story.proof = event.checks;
      story.gpus = event.gpus;
      story.proofRead = { atMs: event.atMs, bootId: event.bootId };
      return;
    case "run-state":
    case "call-intent":
    case "call-outcome":
      return;
  }
}

/** The event log told node by node: what lanes, steps, layers and lines are drawn from. */
export function storiesOf(events: readonly RunEvent[]): Map<string, NodeStory> {
  const stories = new Map<string, NodeStory>();
  for (const event of events) {
    if (event.nodeId === null) continue;
    const story = stories.get(event.nodeId) ?? emptyStory(event.nodeId);
    stories.set(event.nodeId, story);
    tell(story, event);
  }
  return stories;
}

/** From the first step to now, at least a minute, in ms; null before anything began. */
export function spanOf(stories: Iterable<NodeStory>, nowMs: number): { startMs: number; endMs: number } | null {
  let startMs = Infinity;
  for (const { segments } of stories) for (const segment of segments) startMs = Math.min(startMs, segment.startMs);
  return startMs === Infinity ? null : { startMs, endMs: Math.max(nowMs, startMs + 60_000) };
}
