import type { SimResource } from "./resource";

export type ResourceChange =
  | { kind: "created"; resource: SimResource }
  | { kind: "updated"; resource: SimResource; old: SimResource }
  | { kind: "destroyed"; resource: SimResource };

// COSI's in-memory state as Talos sets it up (runtime v1alpha2_state.go).
const initialCapacity = 8;
const maxCapacity = 1024;
const gap = 4;

/** The latest changes of one type, by position: what a watch goes back to that comes with a bookmark. */
export class History {
  private readonly changes: ResourceChange[] = [];
  private first = 0;
  private capacity = initialCapacity;

  /** The position of the next change. */
  get end(): number {
    return this.first + this.changes.length;
  }

  /** Keeps the change and returns its position. */
  push(change: ResourceChange): number {
    if (this.end === this.capacity && this.capacity < maxCapacity) this.capacity *= 2;
    this.changes.push(change);
    if (this.changes.length > this.capacity) {
      this.changes.shift();
      this.first += 1;
    }
    return this.end - 1;
  }

  /** Can a watch go on after the change at this position? -1 is the start, which only watches of whole kinds know. */
  reaches(position: number, kindWatch: boolean): boolean {
    return position >= this.end - this.capacity + gap && position >= (kindWatch ? -1 : 0) && position < this.end;
  }

  /** The changes after a position, each with its own. */
  after(position: number): { position: number; change: ResourceChange }[] {
    const start = Math.max(0, position + 1 - this.first);
    return this.changes.slice(start).map((change, index) => ({ position: this.first + start + index, change }));
  }

  /** The position before the last `count` changes that `wanted` accepts, as far back as is kept. */
  before(count: number, wanted: (change: ResourceChange) => boolean): number {
    const oldest = Math.max(this.first, this.end - this.capacity + gap, 0);
    let found = 0;
    let position = this.end;
    while (position > oldest && found < count) {
      position -= 1;
      const change = this.changes[position - this.first];
      if (change && wanted(change)) found += 1;
    }
    return position - 1;
  }
}
