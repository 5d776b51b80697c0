/** What a command has printed, as a model reads it: what came on standard error says so. */
export function printed({
  stdout,
  stderr,
}: {
  readonly stdout: string;
  readonly stderr: string;
}): string {
  const [out, err] = [stdout.trimEnd(), stderr.trimEnd()];
  return err === "" ? out : [out, "stderr:", err].filter((text) => text !== "").join("\n");
}
