/**
 * Finds secrets in texts: the values of environment variables whose names speak of secrets, and what looks like the tokens of
 * common services. What looks like nothing in particular is not found.
 */

/** Where a secret stands in a text. */
export interface Secret {
  /** Where that begins by which it was found: before the secret itself, for what follows `Bearer`. */
  readonly found: number;
  readonly start: number;
  readonly end: number;
  /** What stands in its place. */
  readonly mark: string;
  /** Whether more of it may follow where the text ends with it: tokens have any length. */
  readonly isOpen: boolean;
}

/** Finds secrets. */
export interface SecretFinder {
  /** The length of the longest value that is known, in characters. */
  readonly longest: number;
  /** All that it finds, in any order; they may overlap. */
  find(text: string): readonly Secret[];
}

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
  /\beyJ[\w-]{10,16384}\.eyJ[\w-]{10,}(?:\.[\w-]*)?/g, // JSON Web Tokens
  // Without a digit or a capital inside, what follows is a word: "basic authentication".
  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+)(?=[\w.~-]{0,200}(?:[\d=]|[a-z][A-Z]))[\w.~+/=-]{12,}/g,
];

/**
 * Passwords in addresses, from `://` on, which is rare: to look for the scheme first would take as long as all other shapes together,
 * several times over. The groups are the scheme, and the user.
 */
const ADDRESS = /:\/\/(?<=(\b[a-z][a-z0-9+.-]{0,30}):\/\/)([^\s/:@]*:)[^\s/@]{3,}(?=@)/gi;

/** Makes a finder of the secrets of these environments, and of token shapes. What is called one of `names` is a secret whatever that speaks of. */
export function createSecretFinder(
  environments: readonly Readonly<Record<string, string | undefined>>[],
  names: readonly string[] = [],
): SecretFinder {
  const known = environments
    .flatMap((environment) => Object.entries(environment))
    .filter(([name]) => isSecretName(name) || names.includes(name))
    .flatMap(([name, value = ""]) => formsOf(value.trim()).map((form) => ({ name, value: form })))
    .filter(({ value }) => value.length >= SHORTEST_SECRET);
  return {
    longest: known.reduce((most, { value }) => Math.max(most, value.length), 0),
    find: (text) => [
      ...known.flatMap(({ name, value }) => valuesIn(text, value, `[redacted:${name}]`)),
      ...TOKEN_SHAPES.flatMap((shape) => tokensIn(text, shape)),
      ...passwordsIn(text),
    ],
  };
}

function valuesIn(text: string, value: string, mark: string): readonly Secret[] {
  const found: Secret[] = [];
  let start = text.indexOf(value);
  while (start >= 0) {
    found.push({ found: start, start, end: start + value.length, mark, isOpen: false });
    start = text.indexOf(value, start + value.length);
  }
  return found;
}

function tokensIn(text: string, shape: RegExp): readonly Secret[] {
  return [...text.matchAll(shape)].map(({ index, 0: match, 1: kept = "" }) => ({
    found: index,
    start: index + kept.length,
    end: index + match.length,
    mark: "[redacted]",
    isOpen: true,
  }));
}

function passwordsIn(text: string): readonly Secret[] {
  return [...text.matchAll(ADDRESS)].map(({ index, 0: match, 1: scheme = "", 2: user = "" }) => ({
    found: index - scheme.length,
    start: index + "://".length + user.length,
    end: index + match.length,
    mark: "[redacted]",
    isOpen: true,
  }));
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
