const slot = Symbol.for("ichor.ready");
const holder = globalThis as { [slot]?: boolean };

/** Says that start-up is complete (the database is open, the watcher runs), or that the end has begun. */
export const setReady = (ready: boolean): void => void (holder[slot] = ready);
export const isReady = (): boolean => holder[slot] === true;
