export function parseResource(name: string): readonly string[] {
  if (name === "") throw new TypeError(`Cannot claim a resource as its name must not be empty: ""`);
  return name.replace("#", "/#").split("/").filter((each) => each !== "");
}
export function covers(a: readonly string[], b: readonly string[]): boolean {
  return a.length <= b.length && a.every((each, index) => each === b[index]);
}
