/** How a tool's author says what its calls touch: a function of the arguments alone. */
import { NOTHING, type Claims } from "./call.ts";

/** What each tool declares, by name. */
export type Declarations<Arguments> = Readonly<Record<string, (args: Arguments) => Claims>>;

/** Reads these, and writes nothing. */
export function reads(...names: readonly string[]): Claims {
  return { ...NOTHING, reads: names };
}

/** Writes these, and reads nothing else. */
export function writes(...names: readonly string[]): Claims {
  return { ...NOTHING, writes: names };
}

/** Both together. */
export function both(...claims: readonly Claims[]): Claims {
  return {
    reads: claims.flatMap((each) => each.reads),
    writes: claims.flatMap((each) => each.writes),
  };
}

/** @throws `TypeError` for a tool that declares nothing: it is missing in the table. */
export function declaredBy<Arguments>(
  declarations: Declarations<Arguments>,
  name: string,
  args: Arguments,
): Claims {
  const declare = declarations[name];
  if (declare === undefined) {
    throw new TypeError(`Cannot replay a call as its tool must be declared: ${name}`);
  }
  return declare(args);
}
