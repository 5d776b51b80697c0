/**
 * One case in a process of its own: `main.mjs <URL of the input> <URL of the case> <size> <limit>` prints one sample as JSON.
 * Without a case the input is made and nothing is run: what such a process needs is taken off the memory of the others.
 */

/** What one process measured. */
export interface Sample {
  /** From the first task handed over to the last result, in milliseconds. */
  readonly ms: number;
  /** The most memory that the process ever held, in bytes. */
  readonly peakBytes: number;
}

/** A module that makes what the cases are given. */
interface InputModule {
  makeInput(size: number): unknown;
}

/** A module that runs a case. */
interface CaseModule {
  /** Gives the input the form that is natural to what is measured; may be a promise. Not measured. */
  prepare?(input: unknown): unknown;
  /** Runs everything with a limit and returns how many results came back, or what {@link count} takes. */
  run(input: unknown, limit: number): Promise<unknown>;
  /** Counts the results that count. Not measured: to read an object of a hundred thousand keys costs more than to make it. */
  count?(results: unknown): number;
}

const [inputUrl = "", caseUrl = "", sizeText, limitText] = process.argv.slice(2);
const size = Number(sizeText);
const { makeInput } = (await import(inputUrl)) as InputModule;
const input = makeInput(size);
const ms = caseUrl === "" ? 0 : await measure(caseUrl);
// In KiB, on every platform.
const peakBytes = process.resourceUsage().maxRSS * 1024;
const sample: Sample = { ms, peakBytes };
console.log(JSON.stringify(sample));

async function measure(url: string): Promise<number> {
  const { prepare, run, count = Number } = (await import(url)) as CaseModule;
  const prepared = prepare === undefined ? input : await prepare(input);
  const limit = Number(limitText);
  const startedAt = performance.now();
  const results = await run(prepared, limit);
  const tookMs = performance.now() - startedAt;
  const returned = count(results);
  if (returned !== size) {
    throw new Error(`Cannot trust this run as every result must come back: ${returned} of ${size}`);
  }
  return tookMs;
}
