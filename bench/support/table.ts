/** Tables in plain text: the first column to the left, figures to the right; also valid Markdown. */

/** Prints rows below their heads, aligned, as a Markdown table. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  printRow(heads, widths);
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  printRow(rule, widths);
  for (const row of rows) {
    printRow(row, widths);
  }
}

/** A ratio to the row that the others are measured by: two digits that matter. */
export function times(value: number, base: number): string {
  const ratio = value / base;
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
}

/** A title, with an empty line before and after. */
export function printTitle(title: string): void {
  console.log(`\n${title}\n`);
}

function printRow(cells: readonly string[], widths: readonly number[]): void {
  const padded = widths.map((width, column) => {
    const cell = cells[column] ?? "";
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  console.log(`| ${padded.join(" | ")} |`);
}
