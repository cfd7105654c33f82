/**
 * Work that a person's input may make long: it runs in a thread of its own, so that the server goes on answering. `run` is pure: it is
 * given plain data and gives plain data, and reads nothing of this process.
 */
export type OffThreadTask<Input, Output> = {
  /** `machine-config.diff`: what the worker finds it by. */
  readonly name: string;
  readonly run: (input: Input) => Output;
  /** Whether even the worst input of this size is done sooner than a thread is made, and is done without one. */
  readonly isSmall?: (input: Input) => boolean;
};

export const defineTask = <Input, Output>(
  name: string,
  run: (input: Input) => Output,
  isSmall?: (input: Input) => boolean,
): OffThreadTask<Input, Output> => ({ name, run, ...(isSmall && { isSmall }) });
