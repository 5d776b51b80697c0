/**
 * Takes secrets out of what is written to disk: the values of environment variables whose names speak of secrets, and texts that
 * look like the tokens of common services. What looks like nothing in particular is not found.
 */

/** A text without its secrets. */
export type Redact = (text: string) => string;

/** Names of variables and fields whose values are secrets. `PWD` alone is the folder of a process. */
const SECRET_NAME =
  /(?:^|[_\W])(?:token|secret|passw(?:or)?d|passphrase|credentials?|authorization|cookie|api[_-]?key|access[_-]?key|private[_-]?key|auth)(?:$|[_\W\d])|[_\W](?:pwd|pass)$|(?:token|secret|password|apikey)$/i;

/** Names of what only says where a secret, or the one who keeps it, is found. */
const PLACE_NAME = /_(?:sock|socket|path|file|dir|url|host)$/i;

/** Shorter values are more often words than secrets, in characters. */
const SHORTEST_SECRET = 8;

/** Tokens as their services write them. The first group, where there is one, stays. */
const TOKEN_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]{0,16384}?-----END [A-Z ]{0,20}PRIVATE KEY-----/g,
  /\b(?:gh[opsur]_[A-Za-z0-9]{30,}|github_pat_\w{40,})/g, // GitHub
  /\bglpat-[\w-]{20,}/g, // GitLab
  /\bsk-(?=[\w-]{0,200}\d)[\w-]{20,}/g, // OpenAI, Anthropic and others; without a digit it is a name
  /\bxox[abeoprs]-[\w-]{10,}/g, // Slack
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS
  /\bAIza[\w-]{35}/g, // Google
  /\bnpm_[A-Za-z0-9]{36}/g, // npm
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g, // Stripe
  /\bhf_[A-Za-z0-9]{30,}/g, // Hugging Face
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/g, // JSON Web Tokens
  // Without a digit or a capital inside, what follows is a word: "basic authentication".
  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+)(?=[\w.~-]{0,200}(?:[\d=]|[a-z][A-Z]))[\w.~+/=-]{12,}/g,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]*:)[^\s/@]{3,}(?=@)/gi, // passwords in addresses
];

/** Makes a function that takes the secrets of these environments, and token shapes, out of texts. */
export function createRedact(
  environments: readonly Readonly<Record<string, string | undefined>>[],
): Redact {
  const secrets = environments
    .flatMap((environment) => Object.entries(environment))
    .filter(([name]) => isSecretName(name))
    .flatMap(([name, value = ""]) => formsOf(value.trim()).map((form) => ({ name, value: form })))
    .filter(({ value }) => value.length >= SHORTEST_SECRET)
    // A secret that contains another one goes first, or a part of it would stay.
    .toSorted((a, b) => b.value.length - a.value.length);
  return (text) => {
    let redacted = text;
    for (const { name, value } of secrets) {
      redacted = redacted.replaceAll(value, () => `[redacted:${name}]`);
    }
    for (const shape of TOKEN_SHAPES) {
      redacted = redacted.replace(shape, (_match: string, kept: unknown) =>
        typeof kept === "string" ? `${kept}[redacted]` : "[redacted]",
      );
    }
    return redacted;
  };
}

/** Whether a value of that name is a secret whatever it looks like. */
export function isSecretName(name: string): boolean {
  // camelCase becomes words: `accessToken` speaks of a token, `tokens` of a count.
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, "$1_$2");
  return SECRET_NAME.test(words) && !PLACE_NAME.test(words);
}

/** How a secret may be written: as it is, inside of JSON, and in UTF-8 that is read one character a byte. */
function formsOf(value: string): readonly string[] {
  const written = [value, value.replaceAll("\n", "\r\n"), JSON.stringify(value).slice(1, -1)];
  const bytes = written.map((form) => Buffer.from(form).toString("latin1"));
  return [...new Set([...written, ...bytes])];
}
