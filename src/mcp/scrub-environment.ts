/** Takes secrets out of the environment of this process, so that no command inherits them. */
import { createSecretFinder, isSecretName } from "../recording/find-secrets.ts";

/**
 * Removes the variables whose names speak of secrets, such as `API_KEY` and `GITHUB_TOKEN`, and those whose values have one: a password in an address, or
 * what looks like the tokens of common services. Those to be kept stay. Returns the names of what it has removed.
 *
 * Does not hide them from a command that looks into this process: the system still shows the environment that it was started with.
 */
export function scrubEnvironment(
  environment: Record<string, string | undefined>,
  keep: readonly string[],
): readonly string[] {
  const secrets = createSecretFinder([]);
  const names = Object.entries(environment)
    .filter(([name, value = ""]) => isSecretName(name) || secrets.find(value).length > 0)
    .map(([name]) => name)
    .filter((name) => !keep.includes(name));
  for (const name of names) {
    Reflect.deleteProperty(environment, name);
  }
  return names;
}
