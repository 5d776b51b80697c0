/** The folder and the recording of a run. A disk that fails never fails the run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "../core/event.ts";
import type { Origin } from "../recording/format.ts";
import { Recorder } from "../recording/recorder.ts";
import { createSecretFinder, type SecretFinder } from "../recording/find-secrets.ts";
import { createRedact } from "../recording/redact.ts";
import { redactFolder } from "../recording/redact-file.ts";
import { createRunFolder, removeOldRuns, type RunFolder } from "../recording/run-folder.ts";

/** After how long it is said what the end of a run is busy with, in milliseconds. */
const TIDYING_MS = 1000;

const TIDYING = "Taking secrets out of the logs; Ctrl-C ends this, and leaves them as they are.";

/** Variables and their values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a run is kept. */
export interface RecordOptions {
  /** What may hold secrets by name. */
  readonly environments: readonly Environment[];
  readonly origin: Origin;
  /** The folder of the run itself; fails when it cannot be made. @defaultValue one below `.fanfold/runs` */
  readonly out: string | undefined;
  /** How many runs are kept below `.fanfold/runs`, this one included. */
  readonly keep: number;
  /** The environment variables that hold keys, whatever their names say. */
  readonly keyVariables: readonly string[];
}

/** One run on disk. */
export class RunRecord {
  /** What could not be kept, in words for the user. */
  readonly problems: string[];
  readonly #options: RecordOptions;
  readonly #folder: RunFolder | undefined;
  /** Whether the folder is only there until the run ends. */
  readonly #isTemporary: boolean;
  readonly #secrets: SecretFinder;
  readonly #recorder: Recorder | undefined;

  private constructor(
    options: RecordOptions,
    opened: {
      readonly folder: RunFolder | undefined;
      readonly isTemporary: boolean;
      readonly problems: string[];
    },
  ) {
    const { environments, origin } = options;
    this.#options = options;
    this.#folder = opened.folder;
    this.#isTemporary = opened.isTemporary;
    this.problems = opened.problems;
    this.#secrets = createSecretFinder(environments, options.keyVariables);
    this.#recorder =
      opened.folder === undefined || opened.isTemporary
        ? undefined
        : new Recorder({
            folder: opened.folder.path,
            runId: opened.folder.id,
            origin,
            redact: createRedact(this.#secrets),
          });
  }

  /**
   * Opens the record of a run. Where the folder cannot be made, the output of commands goes to a temporary one.
   *
   * @throws Error - when the folder that the user named cannot be used
   */
  static async open(options: RecordOptions): Promise<RunRecord> {
    const { origin, out } = options;
    try {
      const folder = await createRunFolder({ cwd: origin.cwd, out });
      return new RunRecord(options, { folder, isTemporary: false, problems: [] });
    } catch (error) {
      if (out !== undefined) {
        throw error;
      }
      const problems = [`Cannot record the run: ${messageOf(error)}`];
      return new RunRecord(options, {
        folder: await temporaryFolder(origin.cwd),
        isTemporary: true,
        problems,
      });
    }
  }

  /** The id of the run; undefined when it is not recorded. */
  get id(): string | undefined {
    return this.#isTemporary ? undefined : this.#folder?.id;
  }

  /** The folder of the run; undefined when it does not stay. */
  get path(): string | undefined {
    return this.#isTemporary || this.#isDropped ? undefined : this.#folder?.path;
  }

  /** Where the output of commands goes; undefined when there is nowhere. */
  get logs(): string | undefined {
    return this.#folder?.logs;
  }

  /** Takes an event. */
  readonly record = (event: RunEvent): void => {
    this.#recorder?.record(event);
  };

  /** Completes the recording, takes secrets out of the logs, and removes runs that are no longer kept. */
  async close(): Promise<void> {
    const problem = (await this.#recorder?.end())?.problem;
    if (problem !== undefined) {
      this.problems.push(`The recording of the run is not whole: ${problem}`);
    }
    try {
      await this.#tidy();
    } catch (error) {
      this.problems.push(`Cannot tidy up the folder of the run: ${messageOf(error)}`);
    }
  }

  get #isDropped(): boolean {
    return this.#options.keep === 0 && this.#options.out === undefined;
  }

  async #tidy(): Promise<void> {
    if (this.#folder === undefined) {
      return;
    }
    const { path, logs } = this.#folder;
    if (this.#isTemporary || this.#isDropped) {
      await rm(path, { recursive: true, force: true });
      return;
    }
    await redactFolder(logs, this.#secrets);
    await this.#folder.release();
    if (this.#options.out === undefined) {
      await removeOldRuns(this.#options.origin.cwd, this.#options.keep);
    }
  }
}

/** Closes the record of a run, and says what takes long, and what went wrong. */
export async function closeRecord(record: RunRecord): Promise<void> {
  const notice = setTimeout(() => process.stderr.write(`${TIDYING}\n`), TIDYING_MS);
  await record.close();
  clearTimeout(notice);
  record.problems.forEach((problem) => process.stderr.write(`${problem}\n`));
}

async function temporaryFolder(cwd: string): Promise<RunFolder | undefined> {
  try {
    return await createRunFolder({ cwd, out: await mkdtemp(join(tmpdir(), "fanfold-")) });
  } catch {
    return undefined; // No disk at all: what commands print beyond what is kept in memory is lost.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
