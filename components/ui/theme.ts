export const themes = ["light", "dark", "system"] as const;
export type Theme = (typeof themes)[number];
export const themeCookie = "ichor-theme";

/** A cookie's text as a theme; anything else is the system's. */
export const parseTheme = (text: string | undefined): Theme => themes.find((theme) => theme === text) ?? "system";

/** Shows the theme at once and keeps it for a year. Browser only. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", theme);
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=31536000; samesite=lax`;
}
