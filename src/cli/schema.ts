/** `fanfold schema`: the JSON Schema of plan files. */
import { planJsonSchema } from "../plan/schema.ts";
import { exitWithStdout } from "./stdout.ts";

/** Prints the schema, and returns the exit code. */
export function schema(): number {
  exitWithStdout();
  process.stdout.write(`${JSON.stringify(planJsonSchema(), undefined, 2)}\n`);
  return 0;
}
