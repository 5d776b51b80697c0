import { basename } from "node:path";

const LONGEST = 3;

/** What the tasks of the review have found, as a page. */
export function findings({ files, layers, lines, leftovers, casts, builtBytes }) {
  const longest = files
    .map(({ path, text }) => ({ name: basename(path), lines: text.split("\n").length - 1 }))
    .sort((a, b) => b.lines - a.lines)
    .slice(0, LONGEST);
  return [
    `${files.length} files in ${layers.length} layers: ${layers.map((layer, index) => `${layer} ${lines[index]}`).join(", ")} lines`,
    `longest: ${longest.map((file) => `${file.name} ${file.lines}`).join(", ")} lines`,
    `built: ${Math.round(builtBytes / 1024)} KiB of JavaScript`,
    `left over: ${leftovers.length === 0 ? "nothing" : leftovers.join("\n  ")}`,
    `casts to look at: ${casts.length === 0 ? "none" : casts.length}`,
    ...casts.map((line) => `  ${line}`),
    "",
  ].join("\n");
}
