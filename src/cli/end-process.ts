/** Ends this process, whatever a run has left behind in it. */
import { signalOf } from "./signals.ts";

/** How long the system may take to answer, in milliseconds, where a signal says the same as the code. */
const ANSWER_MS = 200;

/** The same where the code would be lost: a busy disk may take its time, one that hangs does not answer at all. */
const LONG_ANSWER_MS = 5000;

/** How often it is looked whether it has, in milliseconds. */
const LOOK_MS = 10;

/** What threads of this process ask the system for. Node waits for them before it exits. */
const REQUEST = /^(?:FS|GetAddrInfo|GetNameInfo)Req/;

/** Ends this process with a code once everything has been printed: abandoned work does not keep it alive. As {@link endAtOnce}. */
export async function endProcess(code: number): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  await endAtOnce(code);
}

/**
 * Ends this process with a code.
 *
 * Where the system does not answer, as for a file on a network that hangs, no process can exit. It then ends by the signal that the code
 * speaks of, which shells show as that code, else by SIGKILL.
 */
export async function endAtOnce(code: number): Promise<void> {
  const signal = signalOf(code);
  const answerMs = signal === undefined ? LONG_ANSWER_MS : ANSWER_MS;
  for (let waitedMs = 0; isAsking() && waitedMs < answerMs; waitedMs += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  if (isAsking()) {
    process.emit("exit", code); // As exiting would.
    if (signal !== undefined) {
      process.removeAllListeners(signal);
    }
    process.kill(process.pid, signal ?? "SIGKILL");
  }
  process.exit(code);
}

function isAsking(): boolean {
  return process.getActiveResourcesInfo().some((name) => REQUEST.test(name));
}

/** Resolves when the system has taken everything, or nobody takes it any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) {
      stream.write("", () => resolve());
    } else {
      resolve();
    }
  });
}
