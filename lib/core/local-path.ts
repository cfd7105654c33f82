/** A `from` of the address bar as a path of this console; anything that could lead elsewhere becomes the first page. */
export function localPath(from: string | readonly string[] | undefined): string {
  if (typeof from !== "string" || !/^\/(?![/\\])/.test(from) || /[\u0000-\u001f\\]/.test(from)) return "/";
  return from;
}
