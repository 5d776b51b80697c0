/** How the bytes of a text file are to be read. */

/** Of the beginning of a file: UTF-16 where a byte order mark says so, else UTF-8. */
export function encodingOf([first, second]: Buffer): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) {
    return "utf-16le";
  }
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
