/** Names that must differ within a task. */
import type { SettingsProblem } from "./kind.ts";

/** Reports each name of the list in `field` that stands there before. */
export function repeatedNames(
  field: string,
  list: readonly (string | { readonly name: string })[],
): readonly SettingsProblem[] {
  const names = list.map((each) => (typeof each === "string" ? each : each.name));
  return list.flatMap((each, index) => {
    const name = names[index] ?? "";
    return names.indexOf(name) === index
      ? []
      : [
          {
            message: `Cannot use the name ${JSON.stringify(name)} twice, as results are told apart by it`,
            path: [field, index, ...(typeof each === "string" ? [] : ["name"])],
          },
        ];
  });
}
