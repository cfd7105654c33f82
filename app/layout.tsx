import type { Metadata, Viewport } from "next";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { parseTheme, themeCookie } from "@/components/ui/theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Ichor", template: "%s · Ichor" },
  description: "Watch and keep flowing the life of Talos Linux nodes with GPUs.",
  applicationName: "Ichor",
  referrer: "same-origin",
  robots: { index: false, follow: false },
};

const chrome = { light: "#f5f4f1", dark: "#0f1012" };

export async function generateViewport(): Promise<Viewport> {
  const theme = parseTheme((await cookies()).get(themeCookie)?.value);
  if (theme !== "system") return { themeColor: chrome[theme] };
  return {
    themeColor: [
      { media: "(prefers-color-scheme: light)", color: chrome.light },
      { media: "(prefers-color-scheme: dark)", color: chrome.dark },
    ],
  };
}

/** The theme comes with the first byte (a cookie, or `light-dark()` for the system's), so nothing flashes and no script runs. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(themeCookie)?.value);
  return (
    <html
      lang="en"
      data-theme={theme === "system" ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body>{children}</body>
    </html>
  );
}
