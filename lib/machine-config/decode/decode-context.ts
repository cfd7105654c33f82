import type { YamlPlace } from "@/lib/core/yaml-node";
import type { FieldTable } from "@/lib/machine-config/fields/table";

export type ConfigPath = readonly (string | number)[];

/** A value that Talos' decoder refuses where it stands. `problem` is a clause that never holds the value: "a number is expected". */
export type DecodeIssue = { path: ConfigPath; place: YamlPlace; problem: string };

/** What decoding one document needs to know, and what it found. */
export class DecodeContext {
  readonly issues: DecodeIssue[] = [];

  constructor(
    readonly table: FieldTable,
    /**
     * go-yaml of Talos 1.14 refuses a bare timestamp where a text is expected (constructor.go of v4.0.0-rc.6), and takes a float for a
     * duration; that of older releases does the opposite.
     */
    readonly newest: boolean,
  ) {}

  refuse(path: ConfigPath, { line, column }: YamlPlace, problem: string): void {
    this.issues.push({ path, place: { line, column }, problem });
  }
}
