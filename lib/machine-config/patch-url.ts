const pattern = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/** Talos keeps addresses as their parts and merges each: what the new one lacks stays from the old one (cfg/merge over url.URL). */
export function mergeUrls(left: string, right: string): string {
  const old = pattern.exec(left);
  const next = pattern.exec(right);
  if (!old || !next) return right;
  const [scheme, user, host, path, query, fragment] = [1, 2, 3, 4, 5, 6].map((part) => next[part] || old[part] || "");
  const authority = host || user ? `//${user ? `${user}@` : ""}${host ?? ""}` : "";
  return `${scheme ? `${scheme}:` : ""}${authority}${path ?? ""}${query ? `?${query}` : ""}${fragment ? `#${fragment}` : ""}`;
}
