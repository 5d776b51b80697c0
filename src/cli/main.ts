#!/usr/bin/env node
/** The command `fanfold`: only wiring. What a command does is loaded when it runs. */
import { Command, Option } from "commander";
import type { AskOptions } from "./ask.ts";
import type { CheckOptions } from "./check.ts";
import { endProcess } from "./end-process.ts";
import type { ExecOptions } from "./exec.ts";
import { failWith } from "./fail.ts";
import { HOSTS, type Host } from "./host-config.ts";
import type { McpOptions } from "./mcp-options.ts";
import {
  addHost,
  addLimit,
  addSetting,
  addText,
  dollars,
  folderName,
  names,
  portNumber,
  positiveInteger,
  wholeNumber,
} from "./options.ts";
import { packageVersion } from "./package-version.ts";
import type { RunOptions } from "./run.ts";

const program = new Command("fanfold")
  .description(
    "Runs independent work at the same time, orders what conflicts, and says why anything waited.",
  )
  .version(packageVersion())
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  })
  .addHelpText(
    "after",
    `
Examples:
  fanfold exec "npm run lint" "npm test"      two commands at once
  fanfold run plan.yaml                       the tasks of a plan
  fanfold check plan.yaml                     what would run beside what; nothing runs
  fanfold ask "What does src/main.ts do?"     a model reads the folder, and answers`,
  );

running(program.command("run"))
  .description("Runs the tasks of a plan as parallel as is safe.")
  .argument("<plan>", "a plan file, YAML or JSON")
  .option(
    "--limit <number>",
    "how many tasks run at once, or of one kind: command=4 (repeatable)",
    addLimit,
  )
  .option("--only <names>", "these tasks and those that they come after: a,b", names)
  .addOption(failureOption())
  .option("--allow-failures", "run what can be run, and exit with 0 although tasks failed")
  .option("--set <name=value>", "the value of an input of the plan (repeatable)", addSetting)
  .option("--model <name>", "the model of tasks that name none: provider/model")
  .option("--budget <dollars>", "what calls of models may cost, in US dollars", dollars)
  .option("--dry-run", "say what models would be asked, and what that would cost; nothing runs")
  .addHelpText(
    "after",
    `
Exit codes: 0 all completed, 1 a task failed, 2 wrong usage or plan, 130 and 143 after a signal.

Examples:
  fanfold run plan.yaml --limit command=4
  fanfold run plan.yaml --only test,lint --set target=staging
  fanfold run plan.yaml --dry-run --budget 0.50
  fanfold run plan.yaml --json | jq .report`,
  )
  .action(async (file: string, options: RunOptions) => {
    await finish(options, async () => await (await import("./run.ts")).run(file, options));
    await endProcess(Number(process.exitCode));
  });

program
  .command("check")
  .description("Says what a plan would do: what runs beside what, and why not more. Nothing runs.")
  .argument("<plan>", "a plan file, YAML or JSON")
  .option(
    "--limit <number>",
    "as if so many tasks ran at once, or of one kind: command=4 (repeatable)",
    addLimit,
  )
  .option("--only <names>", "these tasks and those that they come after: a,b", names)
  .option("--set <name=value>", "the value of an input of the plan (repeatable)", addSetting)
  .option("--json", "print one JSON document")
  .option("--no-color", "print without colours")
  .addHelpText(
    "after",
    "\nExamples:\n  fanfold check plan.yaml\n  fanfold check plan.yaml --limit command=6",
  )
  .action(async (file: string, options: CheckOptions) => {
    await finish(options, async () => await (await import("./check.ts")).check(file, options));
  });

running(program.command("exec"))
  .description("Runs shell commands at the same time.")
  .argument("<commands...>", "each a line for the shell, quoted")
  .option("--limit <number>", "how many run at once", positiveInteger, 3)
  .addOption(failureOption().default("continue"))
  .addHelpText(
    "after",
    '\nExample:\n  fanfold exec "npm run lint" "npm test" "npm run build" --limit 2',
  )
  .action(async (commands: readonly string[], options: ExecOptions) => {
    await finish(options, async () => await (await import("./exec.ts")).exec(commands, options));
    await endProcess(Number(process.exitCode));
  });

recorded(program.command("ask"))
  .description("Asks a model, which reads the folder until it can answer.")
  .argument("[question]", "what it is to answer, or to do")
  .option("--root <folder>", "the folder that it reads", ".")
  .option("--write", "let it change files and run any command, as you may")
  .option(
    "--model <name>",
    "provider/model, or what the service at --base-url calls it (default: FANFOLD_MODEL)",
  )
  .option(
    "--base-url <url>",
    "a service that speaks like OpenAI (default: OPENAI_BASE_URL, else OpenAI)",
  )
  .option("--max-steps <number>", "how many responses there may be (default: 20)", positiveInteger)
  .option("--budget <dollars>", "what the responses may cost, in US dollars", dollars)
  .option(
    "--resume [run]",
    "go on with an earlier question: the id or the folder of its run (default: the last of this folder)",
  )
  .option("--json", "print one JSON document, and nothing else on standard output")
  .addHelpText(
    "after",
    `
The key is that of the provider, such as GROQ_API_KEY of groq/…; of any other service that of OPENAI_API_KEY.

Exit codes: 0 answered, 1 not answered or failed, 2 wrong usage, 130 and 143 after a signal.

Examples:
  fanfold ask "Where are the exit codes decided?" --model gpt-5-mini
  fanfold ask "Fix the failing test." --write --budget 0.50
  fanfold ask "And where are they tested?" --resume`,
  )
  .action(async (question: string | undefined, options: AskOptions) => {
    await finish(options, async () => await (await import("./ask.ts")).ask(question, options));
    await endProcess(Number(process.exitCode));
  });

program
  .command("mcp")
  .description(
    "Serves batched, parallel tools to a coding assistant, over standard input and output or HTTP.",
  )
  .option("--http <port>", "serve over HTTP, on this machine alone; 0 for a free port", portNumber)
  .option("--no-token", "with --http: let any process of this machine in, without a token")
  .option(
    "--root <folder>",
    "a folder that it works in (repeatable; relative paths are in the first; default: this one)",
    addText,
  )
  .option("--read-only", "offer nothing that changes anything")
  .option(
    "--limit <number>",
    "how many steps run at once, or of one kind: command=4 (repeatable)",
    addLimit,
  )
  .option(
    "--allow-host <host>",
    "a host that may be asked, as in *.example.com (repeatable)",
    addHost,
  )
  .option("--allow <pattern>", 'commands that may run, as in "npm run *" (repeatable)', addText)
  .option(
    "--deny <pattern>",
    'commands that may not run, as in "git push **" (repeatable)',
    addText,
  )
  .option("--keep-env <names>", "secrets of the environment that commands may see: A,B", names)
  .option("--max-result <bytes>", "how large a result may be (default: 10000)", positiveInteger)
  .option(
    "--gateway <file>",
    "a file of other servers (mcpServers), whose tools it finds and calls",
  )
  .option("--no-files", "with --gateway: offer the tools of other servers alone")
  .addOption(
    new Option(
      "--print-config <host>",
      "print what to paste where, so that a host starts the server with the other options",
    ).choices(HOSTS),
  )
  .addHelpText(
    "after",
    `
Examples:
  fanfold mcp --root ~/project
  fanfold mcp --read-only
  fanfold mcp --http 8765                     the token of FANFOLD_MCP_TOKEN, or a new one
  fanfold mcp --allow "npm test" --allow "git log **"
  fanfold mcp --gateway servers.json --no-files
  fanfold mcp --read-only --print-config codex >> ~/.codex/config.toml`,
  )
  .action(async ({ printConfig: host, ...options }: McpOptions & { printConfig?: Host }) => {
    if (host !== undefined) {
      const args = process.argv.slice(3); // Behind "fanfold mcp".
      await finish({}, async () =>
        (await import("./print-config.ts")).printConfig(options, { host, args }),
      );
      return;
    }
    await finish({}, async () => await (await import("./mcp.ts")).mcp(options));
    await endProcess(Number(process.exitCode));
  });

program
  .command("schema")
  .description("Prints the JSON Schema of plan files, for editors.")
  .addHelpText("after", "\nExample:\n  fanfold schema > plan.schema.json")
  .action(async () => {
    await finish({}, async () => (await import("./schema.ts")).schema());
  });

// What cannot be written there can be told nowhere, and is no reason to end otherwise.
process.stderr.on("error", () => undefined);
[program, ...program.commands].forEach(tellWrongUsage);
await program.parseAsync();

/** Adds the options that every command that runs something has. */
function running(command: Command): Command {
  return recorded(command)
    .addOption(
      new Option(
        "--output <mode>",
        "what commands print: when each has ended, as it comes, or not at all",
      )
        .choices(["grouped", "stream", "quiet"])
        .default("grouped"),
    )
    .option("--json", "print one JSON document and nothing else")
    .option("--no-color", "print without colours");
}

/** Adds the options that every command has whose runs are recorded. */
function recorded(command: Command): Command {
  return command
    .option(
      "--out <folder>",
      "the folder for the recording (default: one below .fanfold/runs)",
      folderName,
    )
    .option("--keep <number>", "how many runs are kept below .fanfold/runs", wholeNumber, 20);
}

function failureOption(): Option {
  return new Option("--failure <what>", "what a failure does to the other tasks").choices([
    "stop",
    "continue",
  ]);
}

/** Has wrong usage told as a document where one is asked for, else with where to look. The text is read, as the options could not be. */
function tellWrongUsage(command: Command): void {
  const called = command === program ? command.name() : `${program.name()} ${command.name()}`;
  const hasDocument = command.options.some(({ long }) => long === "--json");
  command.configureOutput({
    outputError: (text, write) => {
      if (hasDocument && optionsOf(process.argv).includes("--json")) {
        failWith(new RangeError(text.replace(/^error: /, "").trimEnd()), true);
      } else {
        write(`${text}See ${called} --help.\n`);
      }
    },
  });
}

/** What stands before `--`, behind which there are no options. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end === -1 ? args : args.slice(0, end);
}

/** Runs a command; what it throws is wrong usage, or a plan that cannot be run. */
async function finish(
  options: { readonly json?: boolean },
  command: () => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.exitCode = failWith(error, options.json === true);
  }
}
