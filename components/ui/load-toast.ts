type Toast = typeof import("sonner").toast;

let loading: Promise<Toast | null> | null = null;

/**
 * The function that shows a toast. Not part of the first load, yet fetched soon after it: what is to be told may be that the
 * server is gone. Null when it could not be loaded; it is tried again the next time.
 */
export function loadToast(): Promise<Toast | null> {
  loading ??= import("sonner").then(
    ({ toast }) => toast,
    () => (loading = null),
  );
  return loading;
}
