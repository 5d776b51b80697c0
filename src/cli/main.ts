#!/usr/bin/env node
/** The command `fanfold`: only wiring. What a command does is loaded when it runs. */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";

const manifest = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { readonly version: string }; // Our own file.

const program = new Command("fanfold")
  .description("Runs independent work at the same time.")
  .version(manifest.version)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

program
  .command("exec")
  .description("Runs shell commands at the same time.")
  .argument("<commands...>", "each a line for the shell, quoted")
  .option("--limit <number>", "how many run at once", positiveInteger, 3)
  .option("--failure <what>", "after a failure: continue or stop", failure, "continue")
  .addHelpText("after", '\nExample:\n  fanfold exec "npm run lint" "npm test" --limit 2')
  .action(async (commands: readonly string[], options: ExecOptions) => {
    const { runExec } = await import("./exec.ts");
    process.exitCode = await runExec(commands, options);
  });

await program.parseAsync();

interface ExecOptions {
  readonly limit: number;
  readonly failure: "continue" | "stop";
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It must be an integer from 1.");
  }
  return value;
}

function failure(text: string): "continue" | "stop" {
  if (text !== "continue" && text !== "stop") {
    throw new InvalidArgumentError('It must be "continue" or "stop".');
  }
  return text;
}
