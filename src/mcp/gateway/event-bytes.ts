/** Counts the bytes of the events of a stream, each for itself. Source: HTML Living Standard, 9.2.5, "Parsing an event stream". */

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The bytes of a stream, event by event. */
export class EventBytes {
  #count = 0;
  #last = 0;
  #isLineEmpty = true;

  /** Takes the next part of the stream. Returns how long the longest event is that has some of it, in bytes, as far as it has come. */
  add(part: Uint8Array): number {
    let [count, last, isLineEmpty, longest] = [this.#count, this.#last, this.#isLineEmpty, 0];
    for (const byte of part) {
      count += 1;
      longest = Math.max(longest, count);
      const isBreak = byte === LINE_FEED || byte === CARRIAGE_RETURN;
      const isSecondOfPair = byte === LINE_FEED && last === CARRIAGE_RETURN;
      if (isBreak && !isSecondOfPair && isLineEmpty) {
        count = 0; // An empty line ends an event.
      }
      isLineEmpty = isBreak;
      last = byte;
    }
    [this.#count, this.#last, this.#isLineEmpty] = [count, last, isLineEmpty];
    return longest;
  }
}
