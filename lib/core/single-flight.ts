/**
 * Work that several ask for at once is done once per key, and all of them get its result or its failure. Once it has ended the next
 * one does it anew. It must not depend on any single caller, so no caller's signal belongs into it.
 */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  run(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.running.get(key);
    if (known) return known;
    const made = work().finally(() => this.running.delete(key));
    this.running.set(key, made);
    return made;
  }
}
