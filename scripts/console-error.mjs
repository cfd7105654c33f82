/** A failure that is told to the person in one sentence, without a stack. */
export class Plain extends Error {}

/** Runs a command's main function; a failure ends the process with exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Plain ? error.message : error);
    process.exit(1);
  }
}
