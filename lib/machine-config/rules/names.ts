import { parseGoDurationMs } from "@/lib/machine-config/check/go-size";
import type { ConfigView } from "@/lib/machine-config/check/view";

/** The document has to have a name. */
export function needsName(document: ConfigView): boolean {
  if (document.text("name") !== "") return true;
  document.error("name", "The document needs a name.");
  return false;
}

/** A field that has to hold a text. */
export function needsText(document: ConfigView, path: string, message: string): boolean {
  if (document.text(path) !== "") return true;
  document.error(path, message);
  return false;
}

/** Names of volumes, volume groups and the like: letters, digits, hyphens and what else is given. */
export function needsPlainName(document: ConfigView, longest: number, extra = ""): void {
  if (!needsName(document)) return;
  const name = document.text("name");
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > longest) document.error("name", `The name is longer than ${longest} characters.`);
  if (!new RegExp(`^[A-Za-z0-9${extra}-]+$`).test(name))
    document.error(
      "name",
      `The name may hold letters, digits${extra === "" ? " and hyphens" : ", hyphens and underscores"} only.`,
    );
}

/** Milliseconds; 0 where there is none, or what is there is no duration (the decoder has said so). */
export const durationMs = (document: ConfigView, path: string): number => parseGoDurationMs(document.text(path)) ?? 0;

export function notNegative(document: ConfigView, path: string): void {
  if (durationMs(document, path) < 0) document.error(path, "The duration cannot be negative.");
}
