/** Keys that must not be seen where errors are shown or recorded. */

const HIDDEN = "[hidden]";

/**
 * The error without the secrets: they are taken out of every text in it and in what it holds, its causes included. The same error, changed;
 * where it is a text, a changed one.
 */
export function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  return secrets.length === 0 ? error : hide(error, secrets, new Set());
}

function hide(value: unknown, secrets: readonly string[], seen: Set<object>): unknown {
  if (typeof value === "string") {
    return secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value);
  }
  if (typeof value !== "object" || value === null || seen.has(value)) {
    return value;
  }
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) {
    const found = Object.getOwnPropertyDescriptor(value, key);
    if (found === undefined || !("value" in found)) {
      continue; // A getter computes from what is shown elsewhere.
    }
    const hidden = hide(found.value, secrets, seen);
    if (hidden !== found.value && (found.writable === true || found.configurable === true)) {
      Object.defineProperty(value, key, { ...found, value: hidden });
    }
  }
  return value;
}
