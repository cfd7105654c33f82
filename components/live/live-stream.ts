import { fullJitterMs } from "@/lib/core/time";
import { type LiveFrame, liveFrame } from "@/lib/live/frames";

/** What people are told of the connection. */
export type LiveStatus = {
  state: "connecting" | "live" | "reconnecting" | "paused";
  /** The whole fleet has arrived at least once. */
  synced: boolean;
  /** When the last frame came, by this browser's clock. */
  lastFrameAtMs: number | null;
  /** What the server could not tell us, a sentence. */
  problem: string | null;
};

type Source = Pick<EventSource, "readyState" | "close" | "onopen" | "onmessage" | "onerror">;
export type LiveStreamOptions = {
  url: string;
  open: (url: string) => Source;
  /** Called once for a batch of frames. */
  onFrames: (frames: LiveFrame[]) => void;
  onStatus: (status: LiveStatus) => void;
  /** The server refused the stream (not a broken connection): the session may have ended. */
  onRefused: () => void;
  /** Runs `flush` soon: once per animation frame where the page is seen. */
  schedule: (flush: () => void) => void;
  now?: () => number;
  setTimer?: (run: () => void, delayMs: number) => () => void;
};

const closedState = 2;
const timer = (run: () => void, delayMs: number) => {
  const handle = setTimeout(run, delayMs);
  return () => clearTimeout(handle);
};

/**
 * The one stream of this tab: reads frames, batches them, resumes by the last id after a pause or a refusal. While the
 * connection is broken the browser's own EventSource retries and sends the id itself.
 */
export class LiveStream {
  private source: Source | null = null;
  private status: LiveStatus = { state: "connecting", synced: false, lastFrameAtMs: null, problem: null };
  private waiting: LiveFrame[] = [];
  private lastEventId = "";
  private focus: string | null = null;
  private attempt = 0;
  private cancelRetry: (() => void) | null = null;

  constructor(private readonly options: LiveStreamOptions) {}

  start(): void {
    if (this.source || this.cancelRetry) return;
    this.connect();
  }

  /** Closes the stream for a while (hidden tab); `start` goes on where it stopped. */
  pause(): void {
    this.stop();
    this.set({ state: "paused" });
  }

  /** Has the server read this node's counters faster. The stream is opened anew and goes on where it was. */
  setFocus(nodeId: string | null): void {
    if (this.focus === nodeId) return;
    this.focus = nodeId;
    if (!this.source) return;
    const { state } = this.status;
    this.stop();
    this.connect(state);
  }

  stop(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.source?.close();
    this.source = null;
  }

  private connect(state: LiveStatus["state"] = this.status.synced ? "reconnecting" : "connecting"): void {
    const query = new URLSearchParams();
    if (this.focus !== null) query.set("focus", this.focus);
    if (this.lastEventId !== "") query.set("lastEventId", this.lastEventId);
    const source = this.options.open(query.size === 0 ? this.options.url : `${this.options.url}?${query}`);
    this.source = source;
    this.set({ state });
    source.onmessage = (event) => this.receive(event);
    source.onopen = () => {
      this.attempt = 0;
    };
    source.onerror = () => {
      this.set({ state: this.status.synced ? "reconnecting" : "connecting" });
      if (source.readyState !== closedState) return;
      this.stop();
      this.options.onRefused();
      const delayMs = fullJitterMs(this.attempt, { baseMs: 2_000, capMs: 15_000 });
      this.attempt += 1;
      this.cancelRetry = (this.options.setTimer ?? timer)(() => {
        this.cancelRetry = null;
        this.connect();
      }, delayMs);
    };
  }

  private receive(event: MessageEvent<string>): void {
    if (event.lastEventId) this.lastEventId = event.lastEventId;
    const frame = this.parse(event.data);
    if (!frame) return;
    if (frame.type === "error") this.set({ problem: frame.message });
    // That all is there is told with the frames themselves (`flush`): a page would else take what still waits for gone.
    if (frame.type === "synced") this.set({ state: "live", problem: null });
    else if (this.status.synced && this.status.state !== "live" && frame.type !== "hello" && frame.type !== "done") {
      this.set({ state: "live" });
    }
    if (this.waiting.length === 0) this.options.schedule(() => this.flush());
    this.waiting.push(frame);
  }

  private parse(data: string): LiveFrame | null {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      this.set({ problem: "The server sent something that this page could not read. Reload the page." });
      return null;
    }
    const parsed = liveFrame.safeParse(value);
    if (parsed.success) return parsed.data;
    this.set({ problem: "The server sent something that this page does not know; it may be newer. Reload the page." });
    return null;
  }

  private flush(): void {
    const frames = this.waiting;
    this.waiting = [];
    if (frames.length === 0) return;
    this.set({ lastFrameAtMs: (this.options.now ?? Date.now)() });
    this.options.onFrames(frames);
    if (frames.some(({ type }) => type === "synced")) this.set({ synced: true });
  }

  private set(change: Partial<LiveStatus>): void {
    this.status = { ...this.status, ...change };
    this.options.onStatus(this.status);
  }
}
