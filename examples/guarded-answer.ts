/**
 * Validators beside an answer: it is written while a program and a model look at the question, and cancelled when one of them objects. Then the
 * answer itself is checked. Set MODEL_URL (and MODEL_NAME, MODEL_KEY) to ask a service that speaks like OpenAI.
 *
 * ```
 * How do I fold a crane?
 *   valid: Begin with a square.
 *   of the answer: invalid (length: It has fewer than 30 characters.)
 * My card is 4000 1234 5678 9010, is it valid?
 *   invalid: secrets (There is a card number in it.)
 * ```
 */
import assert from "node:assert/strict";
import { ask, guard, openaiCompatible, validate } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const fine = { object: { reasoning: "It is about paper.", complaints: [] } };
const model =
  baseUrl === undefined
    ? scripted([
        { when: "The rule:", ...fine },
        { when: "crane", text: "Begin with a square.", firstMs: 5 },
        { when: "card", text: "It is.", firstMs: 60_000 }, // Nobody waits for it.
      ])
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });

const verdicts: string[] = [];
for (const question of ["How do I fold a crane?", "My card is 4000 1234 5678 9010, is it valid?"]) {
  console.log(question);
  const { verdict, answer, complaints } = await guard({
    input: question,
    validators: {
      secrets: (text) => (/(\d{4} ?){4}/.test(text) ? "There is a card number in it." : true),
      manners: { model, rule: "It is polite." },
    },
    answer: async (ctx) => (await ask(model, { prompt: question }, { within: ctx })).text,
  });
  verdicts.push(verdict);
  const found = complaints.map(({ validator, text }) => `${validator} (${text})`);
  console.log(`  ${verdict}: ${answer ?? found.join(", ")}`);
  if (answer !== undefined) {
    const check = await validate({
      input: answer,
      validators: {
        length: (text) => (text.length < 30 ? "It has fewer than 30 characters." : undefined),
        tone: (text) => !text.includes("!"),
      },
    });
    const wrong = check.complaints.map(({ validator, text }) => `${validator}: ${text}`);
    console.log(`  of the answer: ${check.verdict} (${wrong.join(", ") || "nothing"})`);
  }
}
assert.equal(verdicts[1], "invalid");
if (baseUrl === undefined) assert.equal(verdicts[0], "valid");
