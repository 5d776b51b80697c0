/** `each`: one task for every item of a list. */
import { TasksFailedError, type TaskFailure } from "../../core/errors.ts";
import type { Outcome, OutcomeStatus } from "../../core/outcome.ts";
import type { Kind } from "../kind.ts";
import type { EachSettings, KindName } from "../settings.ts";
import { plain, shownValue, TaskResult } from "../values.ts";

/** What became of every item, in the order of the list. */
export interface EachValue {
  readonly kind: KindName;
  readonly items: readonly {
    readonly item: unknown;
    readonly status: OutcomeStatus;
    readonly value: unknown;
  }[];
}

/** The most items of one list. */
const MOST_ITEMS = 100_000;

/** How the items' own results are read: set by the table of kinds, of which this kind is a part. */
export function createEach(
  fieldOf: (result: TaskResult, field: string) => unknown,
  answerOf: (result: TaskResult) => unknown,
): Kind<EachSettings> {
  return {
    defaultLimit: undefined,
    fields: {
      values: resultsOf,
      items: ({ items }: EachValue) => items.map(({ item }) => item),
      count: ({ items }: EachValue) => items.length,
      lines: async (value: EachValue) => {
        const lines = resultsOf(value).map((each) =>
          each.value === undefined ? [] : fieldOf(each, "lines"),
        );
        return (await Promise.all(lines)).flat();
      },
    },
    answer: (value: EachValue) => resultsOf(value).map(answerOf),
    async run({ each }, { task, values, runItems }) {
      const list = listOf(await values.list(each));
      const outcomes = await runItems(list);
      const value = valueOf(task.item?.kind ?? task.kind, list, outcomes);
      const failures = outcomes.flatMap((outcome) =>
        outcome.status === "failed"
          ? [{ key: outcome.key, attempt: outcome.attempts, error: outcome.error }]
          : [],
      );
      if (failures.length > 0) {
        throw new ItemsFailedError(failures, value);
      }
      return value;
    },
    leftBy: (error) => (error instanceof ItemsFailedError ? error.value : undefined),
  };
}

/** @throws `TypeError` when it is no list, `RangeError` when it is too long. */
function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(
      `Cannot run a task for each item as "each" must be a list, such as the .lines of a command: ${shownValue(value)}`,
    );
  }
  if (value.length > MOST_ITEMS) {
    throw new RangeError(
      `Cannot run a task for each item as there may be at most ${MOST_ITEMS}: ${value.length}`,
    );
  }
  return value;
}

function valueOf(
  kind: KindName,
  list: readonly unknown[],
  outcomes: readonly Outcome<unknown>[],
): EachValue {
  const items = outcomes.map((outcome, index) => ({
    item: plain(list[index]),
    status: outcome.status,
    value: outcome.status === "completed" ? outcome.value : undefined,
  }));
  return { kind, items };
}

/** How many of the items that failed are named. */
const NAMED_FAILURES = 5;

/** Some items failed; what became of all of them is kept for tasks that run all the same. */
class ItemsFailedError extends TasksFailedError {
  readonly value: EachValue;

  constructor(failures: readonly TaskFailure[], value: EachValue) {
    super(failures);
    const keys = failures.map(({ key }) => key);
    this.message = describeFailedItems(keys, value.items.length);
    this.value = value;
  }
}

/** Names the items that failed, of so many. What failed about each is told with the item itself. */
export function describeFailedItems(keys: readonly string[], count: number): string {
  const more = keys.length - NAMED_FAILURES;
  const names = keys.slice(0, NAMED_FAILURES).join(", ");
  return `Cannot complete as ${keys.length} of ${count} items failed: ${names}${more > 0 ? ` and ${more} more` : ""}`;
}

function resultsOf({ kind, items }: EachValue): readonly TaskResult[] {
  return items.map(({ status, value }) => new TaskResult(kind, status, value));
}
