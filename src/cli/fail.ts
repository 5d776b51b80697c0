/** Says why nothing could be run. */
import { FanfoldError } from "../core/errors.ts";
import { exitWithStdout } from "./stdout.ts";

/** Prints the error, as a document where one was asked for, and returns the exit code. A bug of this package is thrown on. */
export function failWith(error: unknown, json: boolean): number {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError) {
    throw error;
  }
  if (json) {
    const { name, message } = error;
    const code = FanfoldError.isInstance(error) ? error.code : undefined;
    const problems = "problems" in error ? error.problems : undefined;
    exitWithStdout();
    process.stdout.write(
      `${JSON.stringify({ error: { name, code, message, problems } }, undefined, 2)}\n`,
    );
  } else {
    process.stderr.write(`${error.message}\n`);
  }
  return 2;
}
