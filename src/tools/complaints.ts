/** What a schema says is wrong with a value, in words for a model. */
import type { StandardIssue } from "./standard-schema.ts";

/** How many complaints of a schema are repeated: a model that mends ten mends them all. */
const MOST_ISSUES = 10;

/** One line for each issue, as in `paths[0].from: expected number, received string`; of very many only the first. */
export function complaintsOf(issues: readonly StandardIssue[]): readonly string[] {
  const lines = issues.slice(0, MOST_ISSUES).map(describeIssue);
  const more = issues.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])];
}

function describeIssue({ message, path = [] }: StandardIssue): string {
  const where = path.map((step) => {
    const key = typeof step === "object" ? step.key : step;
    return typeof key === "number" ? `[${key}]` : `.${String(key)}`;
  });
  const place = where.join("").replace(/^\./, "");
  return place === "" ? message : `${place}: ${message}`;
}
