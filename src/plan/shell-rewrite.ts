/** A shell command as it is rewritten, from its beginning to its end: its references become variables, or are refused. */
import { parseText, type Reference } from "./reference.ts";

/** A command whose references have been replaced. */
export interface ShellText {
  /** What the shell is given. */
  readonly text: string;
  /** What each variable stands for. */
  readonly variables: Readonly<Record<string, Reference>>;
  /** The references that would not arrive. */
  readonly problems: readonly ShellProblem[];
}

/** A reference that would not arrive. */
interface ShellProblem {
  /** Where in the text, counted from 0. */
  readonly offset: number;
  readonly message: string;
}

/** What has been rewritten of a command, and what is left of it. */
export class ShellRewrite {
  readonly #source: string;
  readonly #references: ReadonlyMap<
    number,
    { readonly end: number; readonly reference: Reference }
  >;
  readonly #escapes: ReadonlyMap<number, number>;
  readonly #problems: ShellProblem[] = [];
  readonly #variables: Record<string, Reference> = {};
  readonly #names = new Map<string, string>();
  #at = 0;
  #text = "";

  constructor(source: string) {
    this.#source = source;
    const parts = parseText(source);
    this.#references = new Map(
      parts.flatMap(({ offset, end, reference }) =>
        reference === undefined ? [] : [[offset, { end, reference }]],
      ),
    );
    this.#escapes = new Map(
      parts
        .filter(({ literal, offset }) => literal === "${{" && source.startsWith("$${{", offset))
        .map(({ offset, end }) => [offset, end]),
    );
  }

  /** Where what is left begins. */
  get at(): number {
    return this.#at;
  }

  get result(): ShellText {
    return { text: this.#text, variables: this.#variables, problems: this.#problems };
  }

  /** Whether a reference, or what stands for its braces, begins at `offset`. */
  hasBraces(offset: number): boolean {
    return this.hasReference(offset) || this.#escapes.has(offset);
  }

  hasReference(offset: number): boolean {
    return this.#references.has(offset);
  }

  copy(length: number): void {
    this.copyTo(this.#at + length);
  }

  copyTo(end: number): void {
    this.#text += this.#source.slice(this.#at, end).replaceAll("$${{", "${{");
    this.#at = Math.min(end, this.#source.length);
  }

  /** Copies what stands for the braces of a reference, where that is next. */
  copyEscape(): boolean {
    const end = this.#escapes.get(this.#at);
    if (end !== undefined) {
      this.copyTo(end);
    }
    return end !== undefined;
  }

  /** Puts a variable in the place of a reference, where that is next. */
  replaceReference(quote: (variable: string) => string): boolean {
    const found = this.#references.get(this.#at);
    if (found === undefined) {
      return false;
    }
    const { reference, end } = found;
    const name = this.#names.get(reference.text) ?? `FANFOLD_VALUE_${this.#names.size + 1}`;
    this.#names.set(reference.text, name);
    this.#variables[name] = reference;
    this.#text += quote(`\${${name}}`);
    this.#at = end;
    return true;
  }

  /** Copies up to `end`, and refuses every reference on the way. */
  copyOpaque(end: number, rule: string, mend: string): void {
    for (const offset of this.#references.keys()) {
      if (offset >= this.#at && offset < end) {
        this.refuse(offset, rule, mend);
      }
    }
    this.copyTo(end);
  }

  /** Refuses the command, where there is a reference in it. */
  refuseAll(rule: string, mend: string): void {
    if (this.#references.size > 0) {
      this.refuse(0, rule, mend);
    }
  }

  /** Refuses the references behind a place that shells read in different ways, at that place. */
  refuseAfter(offset: number, rule: string, mend: string): void {
    if ([...this.#references.keys()].some((each) => each > offset)) {
      this.refuse(offset, rule, mend);
    }
  }

  refuse(offset: number, rule: string, mend: string): void {
    const text =
      this.#references.get(offset)?.reference.text ?? this.#source.slice(offset, offset + 20);
    const message = `Cannot use a reference here as ${rule}; ${mend}: ${text}`;
    this.#problems.push({ offset, message });
  }
}
