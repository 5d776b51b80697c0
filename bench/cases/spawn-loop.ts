/** The least that runs shell commands at a limit with Node: `spawn-loop.mjs <limit> <command>...`. */
import { spawn } from "node:child_process";

const [limitText, ...commands] = process.argv.slice(2);
let next = 0;

await Promise.all(Array.from({ length: Number(limitText) }, runSlot));

async function runSlot(): Promise<void> {
  for (let command = commands[next]; command !== undefined; command = commands[next]) {
    next += 1;
    await runCommand(command);
  }
}

function runCommand(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Cannot go on as "${command}" must exit with 0: ${code}`));
    });
  });
}
