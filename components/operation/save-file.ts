/** Hands a text or a file to the browser as a download. It goes to disk only: no page, address or history holds it. */
export function saveFile({ fileName, content }: { fileName: string; content: string | Blob }): void {
  const file = typeof content === "string" ? new Blob([content], { type: "application/yaml" }) : content;
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: some browsers read it only after the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
