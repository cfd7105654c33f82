/** A session ends this long after it was last used … */
export const idleSeconds = 4 * 60 * 60;
/** … and this long after the sign-in in any case. */
export const absoluteSeconds = 12 * 60 * 60;

export const isSecureUrl = (publicUrl: string): boolean => publicUrl.startsWith("https://");
/** The cookie holds a random secret and nothing else: the server's table says whose session it is, and whether it is open. */
export const sessionCookieName = (publicUrl: string): string =>
  isSecureUrl(publicUrl) ? "__Host-ichor.session" : "ichor.session";
export const sessionCookieOptions = (publicUrl: string) => ({
  httpOnly: true,
  sameSite: "lax" as const,
  path: "/",
  secure: isSecureUrl(publicUrl),
});
