/**
 * One text in three languages: all are translated at the same time, and read in the order in which they were asked for. The French one
 * loses a placeholder at its first try; code notices, and it is tried again.
 *
 * ```
 * de, try 1: Hallo {name}, dein Paket ist unterwegs.
 * fr, try 2: Bonjour {name}, votre colis est en route.
 * es, try 1: Hola {name}, tu paquete está en camino.
 * 3 tasks in …; one after another … (at best …). Critical path: ….
 * ```
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describeReport, map, type MapContext } from "fanfold";

/** What the model answers, try by try, and how long that takes. */
const MODEL: Readonly<
  Record<string, { readonly ms: number; readonly answers: readonly string[] }>
> = {
  de: { ms: 80, answers: ["Hallo {name}, dein Paket ist unterwegs."] },
  fr: {
    ms: 30,
    answers: ["Bonjour, votre colis est en route.", "Bonjour {name}, votre colis est en route."],
  },
  es: { ms: 40, answers: ["Hola {name}, tu paquete está en camino."] },
};
const letter = "Hello {name}, your parcel is on its way.";

const languages = ["de", "fr", "es"];

const translations = map(languages, translate, {
  limit: 3,
  retry: { attempts: 3, delayMs: 10 },
  timeoutMs: 2000,
  report: "full",
});
const read: string[] = [];
for await (const { language, text, attempt } of translations) {
  console.log(`${language}, try ${attempt}: ${text}`);
  read.push(`${language} ${attempt}`);
}
// The key of an item is its place; people read names.
const lines = describeReport(translations.report, (key) => languages[Number(key)] ?? key);
console.log(lines.join("\n"));
assert.deepEqual(read, ["de 1", "fr 2", "es 1"]);

async function translate(language: string, ctx: MapContext) {
  const text = await ask(language, letter, ctx);
  const lost = (letter.match(/\{\w+\}/g) ?? []).filter((name) => !text.includes(name));
  if (lost.length > 0) throw new Error(`Lost in translation: ${lost.join(", ")}`);
  return { language, text, attempt: ctx.attempt };
}

/** Stands for a model, which takes its time, differently long for each language, and does not always do what it is told. */
async function ask(language: string, text: string, { attempt, signal }: MapContext) {
  const { ms, answers } = MODEL[language] ?? { ms: 0, answers: [text] };
  await pause(ms, undefined, { signal });
  return answers[attempt - 1] ?? text;
}
