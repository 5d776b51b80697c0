/**
 * Ends all processes of one command: those of its group and, on Linux, those that carry its mark. All are asked at once, by SIGTERM, and have one
 * grace together; what is left after it is killed.
 *
 * Each process is asked once: to many programs a second signal means that they are to end in no order. What one that was asked starts afterwards,
 * as to tidy up, is left to it until the grace is over.
 */
import type { ChildProcess } from "node:child_process";
import type { Clock, Timer } from "../core/clock.ts";
import { DOUBT_MS, isMarkOf, LOOKS_IN_DOUBT, marksOf, signalAll } from "./marked-processes.ts";
import { forgetGroup, isGroupAlive, killGroup } from "./process-group.ts";
import { readProcesses, type SeenProcess } from "./read-processes.ts";

/** How soon processes that are to end are looked at again, in milliseconds: the system does not say when a group is empty. */
const LOOK_MS = 5;

/** How long a look may be put off, in milliseconds: each waits twice as long as the one before. */
const LONGEST_LOOK_MS = 80;

/** After how many looks what outlives SIGKILL is given up, some two seconds: the system itself then holds on to it. */
const UNKILLABLE_LOOKS = 30;

/** How long it may take until a command that was killed is over, in milliseconds: its processes end, its output is read. */
const AFTER_KILL_MS = 5000;

/** What is to end, and how. */
export interface CommandEndOptions {
  /** The first process of the group. */
  readonly leader: ChildProcess;
  /** What its processes carry in their environment, wherever they are. */
  readonly mark: string | undefined;
  readonly graceMs: number;
  readonly clock: Clock;
}

/** What a look at all processes has found. */
interface Left {
  readonly inGroup: readonly SeenProcess[];
  readonly outside: readonly SeenProcess[];
  /** Whether something is left. */
  readonly isSome: boolean;
  /** Whether there can be no others: not where one shows no environment, as it is at this moment replaced by another program. */
  readonly areAll: boolean;
}

/** How long a command with this grace may take from the moment when it is asked to end, in milliseconds. */
export function longestEndMs(graceMs: number): number {
  return graceMs + AFTER_KILL_MS;
}

/** The end of one command. */
export class CommandEnd {
  readonly #options: CommandEndOptions;
  /** Who was asked: with the group, or by number. */
  readonly #asked = new Map<number, "in-group" | "outside">();
  /** Whether all is to end, or only what is left of the group. */
  #isWhole = false;
  #grace: Timer | undefined;
  #isGraceOver = false;
  #doubt: NodeJS.Timeout | undefined;

  constructor(options: CommandEndOptions) {
    this.#options = options;
  }

  /** Asks all to end, the group and what carries the mark. A second call does nothing. */
  ask(): void {
    if (this.#isWhole) {
      return;
    }
    this.#isWhole = true;
    this.#askGroup();
    if (this.#options.mark !== undefined) {
      this.#askOutside(LOOKS_IN_DOUBT);
    }
  }

  /** Once the leader has exited: ends what is left of the group, and resolves when nothing of all that is to end is left. */
  async untilGone(): Promise<void> {
    clearTimeout(this.#doubt);
    const { leader } = this.#options;
    if (!isGroupAlive(leader)) {
      forgetGroup(leader);
    } else if (!this.#isWhole) {
      this.#askGroup();
    } else if (process.platform !== "linux") {
      killGroup(leader, "SIGTERM"); // Who was not yet asked cannot be told from the others.
    }
    let doubts = 0;
    let looksAfterKill = 0;
    for (let waitMs = LOOK_MS; ; waitMs = Math.min(LONGEST_LOOK_MS, waitMs * 2)) {
      const left = this.#look();
      if (!left.isSome && (left.areAll || (doubts += 1) === LOOKS_IN_DOUBT)) {
        break;
      }
      if (this.#isGraceOver) {
        this.#kill(left);
        looksAfterKill += 1;
      } else {
        this.#askNew(left);
      }
      if (looksAfterKill === UNKILLABLE_LOOKS) {
        break;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, left.isSome ? waitMs : DOUBT_MS);
      });
    }
    this.drop();
  }

  /** Forgets the command: it is over, or never came to be. */
  drop(): void {
    this.#grace?.cancel();
    clearTimeout(this.#doubt);
    forgetGroup(this.#options.leader);
  }

  /** Begins the grace, anew where the group was asked before. */
  #askGroup(): void {
    const { leader, clock, graceMs } = this.#options;
    if (this.#grace === undefined) {
      // Before the signal: who joins the group after it was not asked.
      this.#look().inGroup.forEach(({ pid }) => this.#asked.set(pid, "in-group"));
      killGroup(leader, "SIGTERM");
    }
    this.#grace?.cancel();
    this.#isGraceOver = false;
    this.#grace = clock.schedule(graceMs, () => {
      this.#isGraceOver = true;
      this.#kill(this.#look());
    });
  }

  /** After the group: who has left it in the meantime is found here. */
  #askOutside(looks: number): void {
    const { outside, areAll } = this.#look();
    this.#askAlone(outside.filter(({ pid }) => this.#asked.get(pid) !== "outside"));
    if (!areAll && looks > 1) {
      this.#doubt = setTimeout(() => this.#askOutside(looks - 1), DOUBT_MS);
    }
  }

  /** Asks who was not there before, but for those that belong to one that was asked. */
  #askNew({ inGroup, outside }: Left): void {
    const isNew = ({ pid, parent }: SeenProcess): boolean =>
      !this.#asked.has(pid) && !this.#asked.has(parent);
    this.#askAlone([...inGroup, ...outside].filter(isNew));
  }

  #askAlone(processes: readonly SeenProcess[]): void {
    const pids = processes.map(({ pid }) => pid);
    pids.forEach((pid) => this.#asked.set(pid, "outside"));
    signalAll(pids, "SIGTERM");
  }

  #kill({ outside }: Left): void {
    killGroup(this.#options.leader, "SIGKILL");
    signalAll(
      outside.map(({ pid }) => pid),
      "SIGKILL",
    );
  }

  #look(): Left {
    const { leader, mark } = this.#options;
    const sought = this.#isWhole ? mark : undefined;
    const isAlive = isGroupAlive(leader);
    if (process.platform !== "linux" || (!isAlive && sought === undefined)) {
      return { inGroup: [], outside: [], isSome: isAlive, areAll: true };
    }
    const inGroup: SeenProcess[] = [];
    const outside: SeenProcess[] = [];
    let areAll = true;
    for (const each of readProcesses()) {
      if (each.group === leader.pid) {
        inGroup.push(each);
      } else if (sought !== undefined && each.pid !== process.pid) {
        const marks = marksOf(each.pid);
        areAll &&= marks !== undefined;
        if (marks?.some((own) => isMarkOf(sought, own)) === true) {
          outside.push(each);
        }
      }
    }
    return { inGroup, outside, isSome: inGroup.length + outside.length > 0, areAll };
  }
}
