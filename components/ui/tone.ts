/** What a colour may say. Tones mean status only; the accent is for what can be pressed and what is live. */
export type Tone = "ok" | "info" | "warn" | "bad" | "idle";

export const toneText: Record<Tone, string> = {
  ok: "text-ok",
  info: "text-info",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-idle",
};
export const toneFill: Record<Tone, string> = {
  ok: "bg-ok",
  info: "bg-info",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
};
export const toneSoft: Record<Tone, string> = {
  ok: "bg-ok-soft",
  info: "bg-info-soft",
  warn: "bg-warn-soft",
  bad: "bg-bad-soft",
  idle: "bg-idle-soft",
};
export const toneBorder: Record<Tone, string> = {
  ok: "border-ok",
  info: "border-info",
  warn: "border-warn",
  bad: "border-bad",
  idle: "border-idle",
};
