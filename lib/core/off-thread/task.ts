/**
 * Work that a person's input may make long: it runs in a thread of its own, so that the server goes on answering. `run` is pure: it is
 * given plain data and gives plain data, and reads nothing of this process.
 */
export type OffThreadTask<Input, Output> = {
  /** `machine-config.diff`: what the worker finds it by. */
  readonly name: string;
  readonly run: (input: Input) => Output;
};

export const defineTask = <Input, Output>(
  name: string,
  run: (input: Input) => Output,
): OffThreadTask<Input, Output> => ({ name, run });
