/** What the client of a soak does, and what has to come of it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { answerOf, type Answer } from "./mcp-client.ts";
import { isGone } from "./is-gone.ts";
import type { SoakServer } from "./soak-server.ts";

/** What a batch of a soak works with. */
export interface Act {
  readonly server: SoakServer;
  /** Its number, which no other has. */
  readonly number: number;
  /** An integer from 0 to below `count`. */
  readonly pick: (count: number) => number;
  /** How often the shared number was counted up, and how often perhaps. */
  readonly counted: { surely: number; perhaps: number };
}

/** The result had to be another. Nothing excuses it but that the server was ended on purpose. */
export class Wrong extends Error {
  override readonly name = "Wrong";
}

/** Lost after this, in milliseconds. */
const LOST_MS = 120_000;

/** What a result may have at most, in bytes, with what surrounds it. */
const MOST_BYTES = 11_000;

/** How long a line of a huge output is, in bytes. */
const HUGE_BYTES = 100_000_000;

/** Ends by no SIGTERM, and leaves a process in another group, which does not either; tells both to a file. */
const stubborn = (pids: string): string =>
  `trap '' TERM; setsid sh -c 'trap "" TERM; sleep 1000' & echo "$$ $!" > ${pids}; sleep 1000; sleep 1000`;

async function call(
  { server }: Act,
  name: string,
  given: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const options = { timeout: LOST_MS, ...(signal && { signal }) };
  const answer = answerOf(await server.client.callTool({ name, arguments: { ...given } }, options));
  const bytes = Math.max(
    Buffer.byteLength(answer.text),
    Buffer.byteLength(JSON.stringify(answer.data)),
  );
  must(bytes <= MOST_BYTES, `a result has ${bytes} bytes`);
  return answer;
}

function must(condition: boolean, text: string): void {
  if (!condition) {
    throw new Wrong(text);
  }
}

/** The outputs of steps that all have this status, in order. */
function outputsOf({ data, text }: Answer, statuses: readonly string[]): readonly string[] {
  const found = data.steps.map(({ status }) => status);
  must(
    JSON.stringify(found) === JSON.stringify(statuses),
    `${found.join()} in place of ${statuses.join()}: ${text.slice(0, 500)}`,
  );
  return data.steps.map(({ output }) => output);
}

const completed = (count: number): readonly string[] => Array<string>(count).fill("completed");

async function look(act: Act): Promise<void> {
  const files = Array.from({ length: 1 + act.pick(12) }, () => act.pick(10));
  const steps = files.flatMap((n, at) => [
    { id: `r${at}`, read: `f${n}.txt` },
    { id: `s${at}`, search: `word${n}$`, in: ".", glob: "f*.txt" },
  ]);
  const outputs = outputsOf(await call(act, "parallel_read", { steps }), completed(steps.length));
  const right = files.flatMap((n) => [
    `== f${n}.txt\n1\tword${n}`,
    `f${n}.txt\n1: word${n}\n1 match.`,
  ]);
  // Steps of the same kind with the same fields share one result.
  must(JSON.stringify(outputs) === JSON.stringify(right), `wrong: ${outputs.join("|")}`);
}

async function change(act: Act): Promise<void> {
  const file = `own-${act.number}.txt`;
  const answer = await call(act, "parallel_run", {
    steps: [
      { write: file, content: "0\n" },
      { edit: file, old: "0", new: "1" },
      { edit: file, old: "1", new: "2" },
      { read: file },
      { run: ["cat", file], reads: [file] },
      { run: ["rm", file], writes: [file] },
    ],
  });
  const outputs = outputsOf(answer, completed(6));
  must(outputs[3] === `== ${file}\n1\t2` && outputs[4] === "2", `wrong: ${outputs.join("|")}`);
}

async function count(act: Act): Promise<void> {
  act.counted.perhaps += 1;
  const step = { run: "n=$(cat n); echo $((n + 1)) > n", reads: ["n"], writes: ["n"] };
  outputsOf(await call(act, "parallel_run", { steps: [step] }), completed(1));
  act.counted.surely += 1;
}

async function command(act: Act): Promise<void> {
  const code = 1 + act.pick(100);
  const text = `'$(touch hacked)' \`id\`; ${act.number}`;
  const answer = await call(act, "parallel_run", {
    steps: [
      { id: "say", run: ["printf", "%s", text], reads: [] },
      { id: "again", run: ["printf", "%s", { $from: "say", path: "/stdout" }], reads: [] },
      { id: "in", run: "cat; echo err >&2", stdin: { $from: "again", path: "/stdout" }, reads: [] },
      { id: "no", run: `exit ${code}`, reads: [] },
      { id: "never", run: "echo never", after: ["no"], reads: [] },
    ],
  });
  const outputs = outputsOf(answer, [...completed(3), "failed", "skipped"]);
  must(outputs[1] === text && outputs[2] === `${text}\nstderr:\nerr`, outputs.join("|"));
  must(answer.data.steps[3]?.note === `exit code ${code}`, "another exit code");
}

async function huge(act: Act): Promise<void> {
  const line = `head -c ${HUGE_BYTES} /dev/zero | tr '\\0' x`;
  const steps = [
    { run: line, reads: [] },
    { run: "seq 1 200000", reads: [] },
  ];
  const outputs = outputsOf(await call(act, "parallel_run", { steps }), completed(2));
  must(outputs[0]?.startsWith("xxx") === true, "the line is not shown");
}

async function timeOut(act: Act): Promise<void> {
  const file = `pids-${act.number}`;
  const steps = [{ run: stubborn(file), reads: [], timeoutMs: 300 + act.pick(300) }];
  outputsOf(await call(act, "parallel_run", { steps }), ["timed-out"]);
  const text = await readFile(join(act.server.folder, file), "utf8").catch(() => "");
  for (const pid of text.trim().split(" ").filter(Boolean).map(Number)) {
    must(await isGone(pid), `process ${pid} outlives its command`);
  }
}

async function cancel(act: Act): Promise<void> {
  const controller = new AbortController();
  const isSilent = act.pick(4) === 0; // It then has everything to itself.
  const step = [
    { run: stubborn(`cancelled-${act.number}`) },
    { run: "sleep 1000" },
    { run: "head -c 1000000000 /dev/zero | tr '\\0' x" },
  ][act.pick(3)];
  const steps = [isSilent ? step : { ...step, reads: [] }, { read: "f1.txt" }];
  const timer = setTimeout(() => controller.abort(), act.pick(400));
  try {
    await call(act, "parallel_run", { steps }, controller.signal);
  } catch (error) {
    if (error instanceof Wrong || !controller.signal.aborted) {
      throw error;
    }
    return;
  } finally {
    clearTimeout(timer);
  }
  throw new Wrong("a call that was cancelled was answered");
}

async function run(act: Act): Promise<void> {
  const isLong = act.pick(2) === 0;
  const steps = [{ run: isLong ? stubborn(`run-${act.number}`) : "echo ran", reads: [] }];
  const { data } = await call(act, "start_run", { steps });
  const id = data["run"];
  if (isLong) {
    outputsOf(await call(act, "cancel_run", { run: id }), ["cancelled"]);
    return;
  }
  const answer = await call(act, "run_status", { run: id, waitMs: 50_000 });
  must(outputsOf(answer, completed(1))[0] === "ran", "another output");
}

async function malformed(act: Act): Promise<void> {
  const id = `raw-${act.number}`;
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const tools = `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":`;
  const lines = [
    "no json",
    "\0\u0001\uFFFF",
    "[]",
    '{"jsonrpc":"2.0"}',
    `{"jsonrpc":"2.0","id":"${id}","method":"nothing"}`,
    `{"jsonrpc":"2.0","id":"${id}","method":"tools/call"}`,
    `{"jsonrpc":"2.0","id":{},"method":"tools/list"}`,
    `${tools}{"name":"parallel_read","arguments":[]}}`,
    `${tools}{"name":"parallel_run","arguments":{"steps":${deep}}}}`,
    `${tools}{"name":"__proto__","arguments":{}}}`,
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"never"}}',
  ];
  act.server.write(lines[act.pick(lines.length)] ?? "");
  const steps = [{ read: "f2.txt" }];
  must(
    outputsOf(await call(act, "parallel_read", { steps }), completed(1))[0] ===
      "== f2.txt\n1\tword2",
    "another file",
  );
}

async function refused(act: Act): Promise<void> {
  const given = [
    { steps: [] },
    { steps: [{ reed: "f1.txt" }] },
    { steps: [{ id: "a", read: "f1.txt", after: ["a"] }] },
    {
      steps: [
        { id: "a", read: "f1.txt" },
        { id: "a", read: "f2.txt" },
      ],
    },
    { steps: Array.from({ length: 51 }, () => ({ read: "f1.txt" })) },
    { steps: [{ id: "__proto__", read: { $from: "b", path: "/x" } }] },
  ][act.pick(6)];
  const answer = await call(act, "parallel_run", given ?? {});
  must(answer.isError, `not refused: ${answer.text.slice(0, 200)}`);
}

/** Ends well, and leaves a process in a group of its own that ends by no SIGTERM: it is there until the server ends. */
async function leave(act: Act): Promise<void> {
  const step = {
    run: `setsid sh -c 'trap "" TERM; sleep 1000' >/dev/null 2>&1 & echo left`,
    reads: [],
  };
  const outputs = outputsOf(await call(act, "parallel_run", { steps: [step] }), completed(1));
  must(outputs[0] === "left", "another output");
}

/** What there is, and how often of a hundred. */
const ACTS: readonly (readonly [number, (act: Act) => Promise<void>])[] = [
  [30, look],
  [18, change],
  [12, count],
  [12, command],
  [6, malformed],
  [6, refused],
  [7, cancel],
  [4, run],
  [2, timeOut],
  [2, huge],
  [1, leave],
];

/** Does one of them, and throws where anything is wrong with what came of it. Returns its name. */
export async function doOne(act: Act): Promise<string> {
  let left = act.pick(ACTS.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, each] of ACTS) {
    left -= weight;
    if (left < 0) {
      await each(act);
      return each.name;
    }
  }
  return "nothing";
}
