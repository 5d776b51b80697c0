/** What a call asks for cannot be done as it was asked: nothing was run, and the message says what to change. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
