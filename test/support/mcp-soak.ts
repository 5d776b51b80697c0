/**
 * Many batches by real clients, over real pipes, at two servers at once: one lives to the end, and its memory is looked at; the other is
 * ended in all ways, again and again. What the batches are depends on the seed alone, how they overlap does not.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integer, seeded } from "../../bench/support/random.ts";
import { isGone } from "./is-gone.ts";
import { doOne, Wrong, type Act } from "./soak-acts.ts";
import { processesOf, residentMiB, soakServer, type SoakServer } from "./soak-server.ts";

/** What a soak is to do. */
export interface SoakOptions {
  readonly batches: number;
  readonly seed: number;
  /** Told now and then how far it is. */
  readonly tell?: ((text: string) => void) | undefined;
}

/** What came of it. */
export interface SoakResult {
  readonly batches: number;
  /** How many of each kind were done, and had the right result. */
  readonly done: Readonly<Record<string, number>>;
  /** How many ended with their server, which was ended on purpose. */
  readonly lostWithServer: number;
  /** How often the server was ended in each way. */
  readonly ends: Readonly<Record<string, number>>;
  /** The longest that a server took to end, in milliseconds. */
  readonly longestEndMs: number;
  /** Processes that outlived a server which got SIGKILL: it cannot end them. */
  readonly leftBySigkill: number;
  /** The resident memory of the server that lives, in MiB, every {@link SAMPLE_EVERY} batches of it. */
  readonly memoryMiB: readonly number[];
  /** Everything that was wrong. */
  readonly faults: readonly string[];
}

/** How many batches a client has under way at each server. */
const AT_ONCE = 3;

/** After how many batches memory is looked at. */
export const SAMPLE_EVERY = 25;

/** The most batches that a server which is to be ended gets. */
const LONGEST_LIFE = 40;

const ENDS: Readonly<Record<string, (server: SoakServer) => void>> = {
  SIGKILL: ({ child }) => void child.kill("SIGKILL"),
  SIGTERM: ({ child }) => void child.kill("SIGTERM"),
  SIGINT: ({ child }) => void child.kill("SIGINT"),
  SIGHUP: ({ child }) => void child.kill("SIGHUP"),
  "two signals": ({ child }) => {
    child.kill("SIGINT");
    child.kill("SIGTERM");
  },
  "end of input": ({ child }) => void child.stdin?.end(),
  "nobody reads": ({ child, write }) => {
    child.stdout?.destroy();
    write('{"jsonrpc":"2.0","id":"raw-last","method":"tools/list"}');
  },
  "too long a message": ({ write }) => write(`{"x":"${"x".repeat(11 * 1024 * 1024)}`),
};

/** Runs it. */
export async function soak({ batches, seed, tell }: SoakOptions): Promise<SoakResult> {
  const ledger = new Ledger({ batches, seed, tell });
  await Promise.all([liveOn(ledger), liveAndDie(ledger)]);
  return ledger.result();
}

/** What is counted, and whose turn it is. */
class Ledger {
  readonly seed: number;
  readonly faults: string[] = [];
  readonly memoryMiB: number[] = [];
  readonly #batches: number;
  readonly #done = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  readonly #tell: ((text: string) => void) | undefined;
  #next = 0;
  #lost = 0;
  #longestEndMs = 0;
  #leftBySigkill = 0;

  constructor({ batches, seed, tell }: SoakOptions) {
    this.#batches = batches;
    this.seed = seed;
    this.#tell = tell;
  }

  /** The number of the next batch; undefined when there is none. */
  take(): number | undefined {
    if (this.#next >= this.#batches || this.faults.length > 20) {
      return undefined;
    }
    this.#next += 1;
    if (this.#next % 100 === 0) {
      const memory = this.memoryMiB.at(-1)?.toFixed(0) ?? "?";
      this.#tell?.(`${this.#next} batches, ${memory} MiB, ${this.faults.length} faults`);
    }
    return this.#next;
  }

  did(name: string): void {
    this.#done.set(name, (this.#done.get(name) ?? 0) + 1);
  }

  lost(): void {
    this.#lost += 1;
  }

  ended(how: string, { ms, left }: { readonly ms: number; readonly left: number }): void {
    this.#ends.set(how, (this.#ends.get(how) ?? 0) + 1);
    this.#longestEndMs = Math.max(this.#longestEndMs, ms);
    this.#leftBySigkill += left;
  }

  result(): SoakResult {
    return {
      batches: this.#next,
      done: Object.fromEntries(this.#done),
      lostWithServer: this.#lost,
      ends: Object.fromEntries(this.#ends),
      longestEndMs: this.#longestEndMs,
      leftBySigkill: this.#leftBySigkill,
      memoryMiB: this.memoryMiB,
      faults: this.faults,
    };
  }
}

/** Numbers that depend on the seed and on what they are for. */
function picker(seed: number, purpose: number): Act["pick"] {
  const random = seeded(Math.imul(seed, 0x9e3779b1) + Math.imul(purpose, 0x85ebca6b));
  return (count) => integer(random, 0, count - 1);
}

/** A server that lives to the end. */
async function liveOn(ledger: Ledger): Promise<void> {
  await inSoakFolder(async (folder) => {
    const server = await soakServer(folder, { mark: `${ledger.seed}-lives`, mode: "auto" });
    const counted = { surely: 0, perhaps: 0 };
    let done = 0;
    await workers(async (): Promise<boolean> => {
      const number = ledger.take();
      if (number === undefined) {
        return false;
      }
      await attempt(
        { server, number, counted, pick: picker(ledger.seed, number) },
        ledger,
        () => false,
      );
      done += 1;
      if (done % SAMPLE_EVERY === 0) {
        ledger.memoryMiB.push(await residentMiB(server.child.pid ?? 0));
      }
      return true;
    });
    await finish({ server, counted, ledger }, "end of input");
  });
}

/** Servers that are ended in the midst of their work, one after another. */
async function liveAndDie(ledger: Ledger): Promise<void> {
  const ways = Object.keys(ENDS);
  for (let life = 1; ; life += 1) {
    const pick = picker(ledger.seed, -life);
    const how = ways[life % ways.length] ?? "SIGKILL";
    const least = 1 + pick(LONGEST_LIFE);
    const isOver = await inSoakFolder(async (folder) => {
      const mode = pick(2) === 0 ? "auto" : "legacy";
      const server = await soakServer(folder, { mark: `${ledger.seed}-${life}`, mode });
      const counted = { surely: 0, perhaps: 0 };
      let left = least;
      let isEnding = false;
      let isLast = false;
      const dying = workers(async (): Promise<boolean> => {
        const number = isEnding ? undefined : ledger.take();
        isLast ||= number === undefined && !isEnding;
        if (number === undefined) {
          return false;
        }
        left -= 1;
        if (left === 0) {
          isEnding = true;
          setTimeout(() => ENDS[how]?.(server), pick(200));
        }
        await attempt(
          { server, number, counted, pick: picker(ledger.seed, number) },
          ledger,
          () => isEnding,
        );
        return true;
      });
      await dying;
      await finish({ server, counted, ledger, isEnding }, isEnding ? how : "end of input");
      return isLast;
    });
    if (isOver) {
      return;
    }
  }
}

/** Does batches, a few at a time, until there is none. */
async function workers(one: () => Promise<boolean>): Promise<void> {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (await one()) {
        // It goes on by itself.
      }
    }),
  );
}

async function attempt(act: Act, ledger: Ledger, isEnding: () => boolean): Promise<void> {
  try {
    ledger.did(await doOne(act));
  } catch (error) {
    if (isEnding() && (!(error instanceof Wrong) || /cancelled|running/.test(error.message))) {
      ledger.lost();
      return;
    }
    ledger.faults.push(`batch ${act.number}: ${String(error)}`);
  }
}

interface Life {
  readonly server: SoakServer;
  readonly counted: Act["counted"];
  readonly ledger: Ledger;
  /** Whether the server has been told to end already. */
  readonly isEnding?: boolean;
}

/** Ends a server, where it has not been, and looks at what it leaves behind. */
async function finish(
  { server, counted, ledger, isEnding = false }: Life,
  how: string,
): Promise<void> {
  if (!isEnding) {
    ENDS[how]?.(server);
  }
  try {
    const { ms } = await server.ended();
    const left = await processesOf(server);
    ledger.ended(how, { ms, left: how === "SIGKILL" ? left.length : 0 });
    for (const pid of left) {
      if (how !== "SIGKILL" && !(await isGone(pid))) {
        ledger.faults.push(`process ${pid} outlives a server that ended by ${how}`);
      }
      end(pid);
    }
  } catch (error) {
    ledger.faults.push(`${how}: ${String(error)}`);
    server.child.kill("SIGKILL");
  }
  ledger.faults.push(...server.faults());
  const n = Number(await readFile(join(server.folder, "n"), "utf8"));
  if (!(n >= counted.surely && n <= counted.perhaps)) {
    ledger.faults.push(`the shared number is ${n}, of ${counted.surely} to ${counted.perhaps}`);
  }
  const names = await readdir(server.folder);
  const strange = names.filter(
    (name) => name === "hacked" || (how !== "SIGKILL" && name.startsWith("fanfold-mcp-")),
  );
  ledger.faults.push(...strange.map((name) => `${name} was left by ${how}`));
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

async function inSoakFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "fanfold-soak-"));
  await writeFile(join(folder, "n"), "0\n");
  for (let n = 0; n < 10; n += 1) {
    await writeFile(join(folder, `f${n}.txt`), `word${n}\n`);
  }
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
