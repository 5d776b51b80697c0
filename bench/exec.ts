/** What `fanfold exec` costs beside other programs that run commands, and how long `fanfold` takes to start. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark, Settings } from "./support/benchmark.ts";
import { bundle } from "./support/case-runner.ts";
import { installedPeers, peerProgram, peerVersion } from "./support/peers.ts";
import { comparePrograms, outputOf, type Program } from "./support/program.ts";
import { printTitle } from "./support/table.ts";

const NODE = process.execPath;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FANFOLD = join(ROOT, "dist/cli/main.js");
const SPAWN_LOOP = import.meta.resolve("./cases/spawn-loop.ts");

const COMMANDS: readonly string[] = Array.from({ length: 20 }, () => "true");
const LIMIT = "2";

export const exec: Benchmark = {
  name: "exec",
  async run({ isSmoke }) {
    const rounds = isSmoke ? 1 : 15;
    const folder = mkdtempSync(join(tmpdir(), "fanfold-bench-"));
    try {
      await bundle([SPAWN_LOOP], folder);
      printTitle(
        `Commands: ${COMMANDS.length} × true, limit ${LIMIT}, whole process, ${rounds} runs`,
      );
      const isBuilt = build();
      await comparePrograms(
        [
          spawnLoop(folder),
          ...(isBuilt ? [fanfoldExec()] : []),
          ...gnuParallel(),
          ...concurrently({ isSmoke }),
        ],
        rounds,
      );
      printTitle(`Start: whole process, ${rounds} runs`);
      await comparePrograms(startUps(isBuilt, folder), rounds);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Brings dist up to date; where that fails, what is there is measured. */
function build(): boolean {
  const script = join(ROOT, "scripts/build.ts");
  if (outputOf(NODE, ["--import", "tsx", script, "--if-stale"]) === undefined) {
    console.log(
      "The sources cannot be built now, see npm run build; dist is older than they are\n",
    );
  }
  return existsSync(FANFOLD);
}

function spawnLoop(folder: string): Program {
  return {
    title: "hand-written loop in Node",
    command: [NODE, join(folder, "spawn-loop.mjs"), LIMIT, ...COMMANDS],
  };
}

function fanfoldExec(): Program {
  return {
    title: "fanfold exec",
    command: [NODE, FANFOLD, "exec", ...COMMANDS, "--limit", LIMIT],
  };
}

function gnuParallel(): readonly Program[] {
  const version = outputOf("parallel", ["--version"])?.match(/^GNU parallel (\S+)/)?.[1];
  if (version === undefined) {
    console.log("Without GNU parallel: it is not on the PATH\n");
    return [];
  }
  return [
    {
      title: `GNU parallel ${version}`,
      command: ["parallel", "--will-cite", "-j", LIMIT, ":::", ...COMMANDS],
    },
  ];
}

function concurrently({ isSmoke }: Settings): readonly Program[] {
  return installedPeers(isSmoke ? [] : ["concurrently"]).map((name) => ({
    title: `${name} ${peerVersion(name) ?? ""}`,
    command: [NODE, peerProgram(name), "-m", LIMIT, ...COMMANDS],
  }));
}

function startUps(isBuilt: boolean, folder: string): readonly Program[] {
  const node: Program = { title: "node -e 0", command: [NODE, "-e", "0"] };
  if (!isBuilt) {
    return [node];
  }
  const programs: Program[] = [
    node,
    { title: "fanfold --version", command: [NODE, FANFOLD, "--version"] },
    { title: "fanfold exec true", command: [NODE, FANFOLD, "exec", "true"] },
  ];
  if (/^\s+run\b/m.test(outputOf(NODE, [FANFOLD, "--help"]) ?? "")) {
    const plan = join(folder, "plan.yaml");
    writeFileSync(plan, 'tasks:\n  only:\n    command: "true"\n');
    programs.push({ title: "fanfold run, one true", command: [NODE, FANFOLD, "run", plan] });
  } else {
    console.log("Without fanfold run: there is no such command yet\n");
  }
  return programs;
}
