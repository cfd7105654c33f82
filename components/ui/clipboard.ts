/** Writes to the clipboard, also where the page is not served over HTTPS. @throws when the browser does not allow it */
export async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  // Deprecated, and the only way in an insecure context.
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser did not allow copying.");
}

/** Copies from where nothing on the page can say so, such as a menu that closes: a toast tells. `what`: `Node ID`. */
export async function copyFromMenu(text: string, what: string): Promise<void> {
  const copied = await writeClipboard(text).then(
    () => true,
    () => false,
  );
  const { toast } = await import("sonner");
  if (copied) toast.success(`${what} copied`);
  else toast.error("The browser did not allow copying", { description: text, duration: Infinity, closeButton: true });
}
