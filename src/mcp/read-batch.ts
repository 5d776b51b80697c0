/** From what a model wrote to a batch. Everything that is wrong with it is said at once, and nothing runs. */
import { hintOf, suggest } from "../core/suggest.ts";
import { isPlainObject } from "../tools/plain-object.ts";
import { findReferences } from "../tools/references.ts";
import { isDeeperThan, isNothing, shown, type Given } from "./given.ts";
import {
  failureOf,
  idsIn,
  isId,
  listOf,
  refusalOf,
  repeatedIds,
  withIds,
  wrongId,
} from "./given-together.ts";
import { orderSteps } from "./order-steps.ts";
import { FIELDS, FIELDS_OF, NEEDED, OTHER_NAMES } from "./step-fields.ts";
import { KINDS, type Batch, type Step, type StepKind } from "./step.ts";

/** How deeply the value of a field may nest. References lie in a list at most. */
const DEEPEST_VALUE = 3;

/** What may be in a batch. */
export interface BatchRules {
  /** The tool that the batch is for. */
  readonly tool: string;
  readonly kinds: readonly StepKind[];
  /** Whether no other tool has more kinds. @defaultValue false */
  readonly isReadOnly?: boolean | undefined;
}

/**
 * Reads the `steps` and `failure` of a call.
 *
 * @throws Refusal - with all that is wrong, one thing a line
 */
export function readBatch({ steps: given, failure: policy }: Given, rules: BatchRules): Batch {
  const list = listOf(given, {
    name: "steps",
    example: '[{"read": "src/a.ts"}, {"search": "TODO", "in": "src"}]',
  });
  const failure = failureOf(policy);
  const complaints: string[] = [];
  const steps = list.flatMap((each, index) => {
    const reader = new StepReader(each, { index, rules });
    const step = reader.read();
    complaints.push(...reader.complaints);
    return step ?? [];
  });
  complaints.push(...repeatedIds(steps));
  if (complaints.length > 0) {
    throw refusalOf(complaints);
  }
  const named = steps.map((step) => ({ ...step, fields: withIds(step.fields, steps) }));
  const inOrder = orderSteps(named);
  if ("complaints" in inOrder) {
    throw refusalOf(inOrder.complaints);
  }
  return { steps: named, inOrder: inOrder.steps, failure };
}

/** Reads one step. */
class StepReader {
  readonly complaints: string[] = [];
  readonly #given: unknown;
  readonly #rules: BatchRules;
  readonly #number: number;
  #name: string;

  constructor(
    given: unknown,
    { index, rules }: { readonly index: number; readonly rules: BatchRules },
  ) {
    this.#given = given;
    this.#rules = rules;
    this.#number = index + 1;
    this.#name = `step ${index + 1}`;
  }

  read(): Step | undefined {
    if (!isPlainObject(this.#given)) {
      this.#complain(`must be an object such as {"read": "src/a.ts"}: ${shown(this.#given)}`);
      return undefined;
    }
    const { id: givenId, after, ...rest } = this.#given;
    const id = isNothing(givenId) ? String(this.#number) : givenId;
    if (!isId(id)) {
      this.#complain(wrongId(id));
      return undefined;
    }
    this.#name = `step ${JSON.stringify(id)}`;
    const names = idsIn(after);
    if (names === undefined) {
      this.#complain(`"after" must be a list of ids of other steps: ${shown(after)}`);
    }
    const kind = this.#kindOf(rest);
    if (kind === undefined) {
      return undefined;
    }
    const fields = withoutNothing(kind, rest);
    this.#checkFields(kind, fields);
    return names === undefined || this.complaints.length > 0
      ? undefined
      : { id, kind, after: names, fields };
  }

  #complain(text: string): void {
    this.complaints.push(`${this.#name}: ${text}`);
  }

  #kindOf(fields: Readonly<Record<string, unknown>>): StepKind | undefined {
    const { kinds, tool, isReadOnly } = this.#rules;
    const named = KINDS.filter((kind) => Object.hasOwn(fields, kind));
    const meant = named.filter((kind) => !isNothing(fields[kind]));
    const found = meant.length > 0 ? meant : named;
    const [kind, other] = found;
    if (kind === undefined) {
      const hint = Object.keys(fields)
        .map((name) => this.#suggestion(name, kinds))
        .join("");
      this.#complain(`it must have one of ${kinds.join(", ")}${hint}`);
      return undefined;
    }
    if (other !== undefined) {
      const claims = found.includes("run")
        ? '; what a command touches is told by "reads" and "writes"'
        : "";
      this.#complain(`it has both ${found.join(" and ")}: make them steps of their own${claims}`);
      return undefined;
    }
    if (!kinds.includes(kind)) {
      const instead =
        isReadOnly === true ? "nothing may be changed here" : "use parallel_run for it";
      const where = kind === "fetch" ? "no host may be asked here" : instead;
      this.#complain(`${tool} has no steps of kind ${kind}: ${where}`);
      return undefined;
    }
    return kind;
  }

  #checkFields(kind: StepKind, fields: Readonly<Record<string, unknown>>): void {
    const known = FIELDS_OF[kind];
    for (const [name, value] of Object.entries(fields)) {
      if (!known.includes(name)) {
        const hint = this.#suggestion(name, [...known, "id", "after"]);
        this.#complain(`a step of kind ${kind} has no field ${shown(name)}${hint}`);
      } else if (name === "run" && hasUnknownProgram(value)) {
        this.#complain(
          'what runs must be written out: a result can be an argument, as in ["cat", {"$from": "s", "path": "/files/0"}], or "stdin"',
        );
      } else if (!isRightOrReference(name, value)) {
        this.#complain(`"${name}" must be ${FIELDS[name]?.rule}: ${shown(value)}`);
      }
    }
    for (const name of NEEDED[kind] ?? []) {
      if (!Object.hasOwn(fields, name)) {
        this.#complain(`a step of kind ${kind} needs "${name}"`);
      }
    }
  }

  #suggestion(name: string, known: readonly string[]): string {
    const meant = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
    return hintOf(meant !== undefined && known.includes(meant) ? meant : suggest(name, known));
  }
}

/** Some models give every field that there is, and nothing to those that they do not mean. */
function withoutNothing(
  kind: StepKind,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const isMeant = ([name, value]: [string, unknown]): boolean =>
    name === kind ||
    !isNothing(value) ||
    (FIELDS_OF[kind].includes(name) && FIELDS[name]?.isRight(value) === true);
  return Object.fromEntries(Object.entries(fields).filter(isMeant));
}

/** Whether a field is what it must be, or refers to what will only be known later. */
function isRightOrReference(name: string, value: unknown): boolean {
  if (isDeeperThan(value, DEEPEST_VALUE)) {
    return false;
  }
  return FIELDS[name]?.isRight(value) === true || mayBeRight(name, value);
}

/** What a step has found never becomes code. */
function hasUnknownProgram(value: unknown): boolean {
  const program: unknown = Array.isArray(value) ? value[0] : value;
  return isPlainObject(program);
}

/** Whether what is no reference in it is right by itself. */
function mayBeRight(name: string, value: unknown): boolean {
  if (findReferences(value).length === 0) {
    return false;
  }
  if (!Array.isArray(value)) {
    return true;
  }
  const rest = value.filter((each) => findReferences(each).length === 0);
  return rest.length === 0 || FIELDS[name]?.isRight(rest) === true;
}
