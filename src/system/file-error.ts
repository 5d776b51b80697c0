/** What the system says when a file cannot be used, in words. */

const RULES: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EBUSY: "something else is using it",
  EEXIST: "something is there already",
  EFBIG: "the file would be too large",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a folder on its way is a file",
  EPERM: "the system does not allow it",
  EROFS: "the disk may only be read",
};

/** The system takes nothing new in a folder that is there, as in `/proc`; what it says of that is that the new file does not exist. */
export class NothingCreatedError extends Error {
  readonly code: string | undefined;

  constructor(folder: string, cause: unknown) {
    super(`nothing can be created in ${folder}`, { cause });
    this.code = errorCode(cause);
  }
}

/**
 * An error that says what could not be done to which file, and why.
 *
 * Keeps the `code` of the system's error; and that itself as its `cause`, where there are no words for it. It names the file as it
 * was opened, which nobody knows who is told of it.
 */
export function fileError(action: string, path: string, cause: unknown): Error {
  const code = errorCode(cause);
  const known = cause instanceof NothingCreatedError ? undefined : RULES[code ?? ""];
  const rule = known ?? (cause instanceof Error ? cause.message : String(cause));
  const error = new Error(
    `Cannot ${action} as ${rule}: ${path}`,
    known === undefined ? { cause } : undefined,
  );
  return code === undefined ? error : Object.assign(error, { code });
}

/** The code of an error of the system, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
