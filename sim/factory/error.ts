/** What the factory answers instead: a status and one line of plain text. */
export class FactoryError extends Error {
  override readonly name = "FactoryError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
