import type { GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import type { YamlPlace } from "@/lib/core/yaml-node";
import type { FieldTable } from "@/lib/machine-config/fields/table";

export type ConfigPath = readonly (string | number)[];

/** A value that Talos' decoder refuses where it stands. `problem` is a clause that never holds the value: "a number is expected". `hint`: what to do, where that line says it. */
export type DecodeIssue = { path: ConfigPath; place: YamlPlace; problem: string; hint?: string };

/** What decoding one document needs to know, and what it found. */
export class DecodeContext {
  readonly issues: DecodeIssue[] = [];

  constructor(
    readonly table: FieldTable,
    /**
     * Which go-yaml reads. That of Talos 1.14 (`v4-rc6`) refuses a bare date where a text is expected and takes a float for a duration;
     * that of older releases does the opposite (constructor.go).
     */
    readonly flavor: GoYamlFlavor,
  ) {}

  refuse(path: ConfigPath, { line, column }: YamlPlace, problem: string, hint?: string): void {
    this.issues.push({ path, place: { line, column }, problem, ...(hint !== undefined && { hint }) });
  }
}
