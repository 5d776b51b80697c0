/** Takes secrets out of the environment of this process, so that no command inherits them. */
import { isSecretName } from "../recording/find-secrets.ts";

/**
 * Removes the variables whose names speak of secrets, such as `API_KEY` and `GITHUB_TOKEN`, but for those to be kept. Returns the names of
 * what it has removed.
 *
 * Does not hide them from a command that looks into this process: the system still shows the environment that it was started with.
 */
export function scrubEnvironment(
  environment: Record<string, string | undefined>,
  keep: readonly string[],
): readonly string[] {
  const names = Object.keys(environment).filter(
    (name) => isSecretName(name) && !keep.includes(name),
  );
  for (const name of names) {
    Reflect.deleteProperty(environment, name);
  }
  return names;
}
