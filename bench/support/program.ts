/** Whole programs, timed from the outside: start of the process, work and end. */
import { spawn, spawnSync } from "node:child_process";
import { turned } from "./rounds.ts";
import { median } from "./statistics.ts";
import { printTable, times } from "./table.ts";

/** A row: a program with its arguments. */
export interface Program {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
}

/** What a program prints when it is called with `words`; undefined where it cannot be started or fails. */
export function outputOf(command: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, words, { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}

/** Times each program so many times, interleaved, and prints medians as ratios to the first. */
export async function comparePrograms(programs: readonly Program[], rounds: number): Promise<void> {
  const samples = new Map(programs.map((program) => [program, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const program of turned(programs, round)) {
      samples.get(program)?.push(await timeProgram(program));
    }
  }
  const base = median(samples.values().next().value ?? []);
  printTable(
    ["program", "ms", "times", "fastest", "slowest"],
    programs.map((program) => {
      const all = samples.get(program) ?? [];
      const own = [median(all), Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(1));
      return [program.title, own[0] ?? "", times(median(all), base), ...own.slice(1)];
    }),
  );
}

/** From before the process is made until it has ended, in milliseconds. What it prints is dropped. */
function timeProgram({ title, command: [file, ...words] }: Program): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(file, words, { stdio: "ignore" });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`Cannot measure ${title} as it must exit with 0: ${code}`));
    });
  });
}
