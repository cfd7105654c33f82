/** One log of a node: keeps the newest lines and feeds those who follow. */
export class LogBuffer {
  private readonly kept: string[] = [];
  private readonly followers = new Set<(line: string) => void>();

  constructor(private readonly capacity = 2000) {}

  /** A line without its newline. */
  append(line: string): void {
    this.kept.push(line);
    if (this.kept.length > this.capacity) this.kept.shift();
    for (const follow of [...this.followers]) follow(line);
  }

  /** The last `count` lines; all of them when negative, none when 0 (Talos v1alpha1_server.go Logs). */
  tail(count: number): string[] {
    if (count < 0) return [...this.kept];
    return count === 0 ? [] : this.kept.slice(-count);
  }

  follow(notify: (line: string) => void): () => void {
    this.followers.add(notify);
    return () => this.followers.delete(notify);
  }
}
