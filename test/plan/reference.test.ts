import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseText,
  ReferenceSyntaxError,
  referencesIn,
  soleReference,
  type Reference,
} from "../../src/plan/reference.ts";

function syntaxErrorOf(text: string): ReferenceSyntaxError {
  try {
    parseText(text);
  } catch (error) {
    if (error instanceof ReferenceSyntaxError) {
      return error;
    }
    throw error;
  }
  throw new Error(`No error in ${text}`);
}

/** What a text would read when every reference stood for its own text in guillemets. */
const filled = (text: string): string =>
  parseText(text)
    .map(({ literal, reference }) => literal ?? `«${reference?.text}»`)
    .join("");

const step = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.string({ unit: "grapheme" }).filter((name) => !name.includes("\n")),
  fc.constantFrom("a", "a-b", "}}", "${{", '"', "'", "\\", "]", "$", ""),
);

/** As `step` would be written; names that need no quotes are sometimes written without. */
function written(step: string | number, plainly: boolean): string {
  return plainly && /^[A-Za-z_][\w-]*$/.test(String(step))
    ? `.${step}`
    : `[${JSON.stringify(step)}]`;
}

describe("parseText", () => {
  const pieces = fc.array(
    fc.constantFrom("${{ item }}", "${{item.a}}", "$${{", "$", "{{", "}}", "text ", "\n", "'", '"'),
  );

  test("covers the text from its beginning to its end, without gaps", () => {
    fc.assert(
      fc.property(pieces, (all) => {
        const text = all.join("");
        let at = 0;
        for (const { offset, end, literal, reference } of tryParse(text)) {
          expect(offset).toBe(at);
          expect((literal === undefined) !== (reference === undefined)).toBe(true);
          expect(text.slice(offset, end)).toContain(reference?.text ?? literal);
          at = end;
        }
        expect([0, text.length]).toContain(at);
      }),
    );
  });

  /** Pieces in an odd order may open braces that never close. */
  function tryParse(text: string): ReturnType<typeof parseText> {
    try {
      return parseText(text);
    } catch (error) {
      expect(error).toBeInstanceOf(ReferenceSyntaxError);
      return [];
    }
  }

  test("returns any text in which no reference begins as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.includes("${{"));
        expect(filled(text)).toBe(text);
      }),
    );
  });

  test("gives any text back in which each ${{ was written as $${{", () => {
    fc.assert(
      fc.property(pieces, (all) => {
        const text = all.join("");
        expect(filled(text.replaceAll("${{", () => "$${{"))).toBe(text);
      }),
    );
  });

  test("reads every path that can be written", () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(fc.boolean()), (path, plainly) => {
        const text = `item${path.map((each, index) => written(each, plainly[index] ?? false)).join("")}`;
        const [before, part, after] = parseText(`a \${{ ${text} }} b`);
        expect(before?.literal).toBe("a ");
        expect(part?.reference).toEqual({ root: "item", name: undefined, path, text });
        expect(after?.literal).toBe(" b");
      }),
    );
  });

  test.each<[string, Omit<Reference, "text">]>([
    ["tasks.list.lines[0]", { root: "tasks", name: "list", path: ["lines", 0] }],
    ["tasks.list-all.json[-1].x", { root: "tasks", name: "list-all", path: ["json", -1, "x"] }],
    ['tasks["any name"].stdout', { root: "tasks", name: "any name", path: ["stdout"] }],
    ["inputs['it is']", { root: "inputs", name: "it is", path: [] }],
    ["item", { root: "item", name: undefined, path: [] }],
    ["item[0][1]", { root: "item", name: undefined, path: [0, 1] }],
    ["index", { root: "index", name: undefined, path: [] }],
  ])("reads %s", (text, reference) => {
    for (const braced of [`\${{ ${text} }}`, `\${{${text}}}`, `\${{\t${text}  }}`]) {
      expect(parseText(braced).map((part) => part.reference)).toEqual([{ ...reference, text }]);
    }
  });

  test.each([
    ["$${{ item }}", "${{ item }}"],
    ["$$${{ item }}", "$${{ item }}"],
    ["${{ item }}$${{", "«item»${{"],
    ["$${{$${{", "${{${{"],
    ["$${{${{ item }}", "${{«item»"],
    ["$ ${{ item }}", "$ «item»"],
    ["${{ item }}${{ index }}", "«item»«index»"],
    ['${{ item["}}"] }}}}', '«item["}}"]»}}'],
    ["{{ item }} ${ item }", "{{ item }} ${ item }"],
    ["", ""],
  ])("reads %j as %j", (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  test.each([
    ["ab ${{ item", 3, 'it must end with "}}" on its line'],
    ["${{ item }} ${{ item\n}}", 12, 'it must end with "}}" on its line'],
    ['${{ item["}}"] ', 0, 'it must end with "}}" on its line'],
    ["$${{ ${{ }}", 5, "it must begin with tasks, inputs, item or index: "],
    ["a ${{ steps.x }}", 2, "it must begin with tasks, inputs, item or index: steps.x"],
    ["${{ items }}", 0, "it must begin with tasks, inputs, item or index: items"],
    ["${{ tasks }}", 0, "tasks must be followed by a name, as in tasks.name: tasks"],
    ["${{ inputs[0] }}", 0, "inputs must be followed by a name, as in inputs.name: inputs[0]"],
    ["${{ item + 1 }}", 0, 'a path consists of .name, [0] and ["name"]: item + 1'],
    ["${{ item.0 }}", 0, 'a path consists of .name, [0] and ["name"]: item.0'],
    ["${{ item[x] }}", 0, 'a path consists of .name, [0] and ["name"]: item[x]'],
    ["${{ item[1.5] }}", 0, 'a path consists of .name, [0] and ["name"]: item[1.5]'],
    ["${{ item . a }}", 0, 'a path consists of .name, [0] and ["name"]: item . a'],
    [' ${{ item["\\x"] }}', 1, 'a name in quotes must be a JSON string: item["\\x"]'],
    ['${{ item["\t"] }}', 0, 'a name in quotes must be a JSON string: item["\t"]'],
  ])("refuses %j and tells where", (text, offset, why) => {
    expect(syntaxErrorOf(text)).toMatchObject({
      name: "ReferenceSyntaxError",
      message: `Cannot read a reference as ${why}`,
      offset,
    });
  });

  test("throws nothing but ReferenceSyntaxError, at a place where braces open", () => {
    const junk = fc
      .array(
        fc.constantFrom("${{", "}}", "item", '["', '"]', "['", "']", "\\", "[0]", ".a", " ", "\n"),
      )
      .map((all) => all.join(""));
    fc.assert(
      fc.property(junk, (text) => {
        try {
          parseText(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ReferenceSyntaxError);
          expect(text.startsWith("${{", (error as ReferenceSyntaxError).offset)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("referencesIn", () => {
  test("finds every reference, however deep, in order", () => {
    const value = {
      a: "${{ item }} and ${{ index }}",
      b: [1, null, undefined, true, { c: ["$${{ item }}", "${{ inputs.x }}"] }],
      "${{ item.key }}": "a key is a name",
    };
    expect(referencesIn(value).map(({ text }) => text)).toEqual(["item", "index", "inputs.x"]);
    expect(referencesIn("${{ tasks.a.stdout }}").map(({ name }) => name)).toEqual(["a"]);
    expect(referencesIn(7)).toEqual([]);
  });
});

describe("soleReference", () => {
  test("is the reference of a text that is nothing else, blanks aside", () => {
    expect(soleReference("${{ item.a }}")?.path).toEqual(["a"]);
    expect(soleReference(" \n${{ item }}\n")?.root).toBe("item");
  });

  test.each<[unknown]>([
    ["x ${{ item }}"],
    ["${{ item }}."],
    ["${{ item }}${{ item }}"],
    ["$${{ item }}"],
    ["$${{"],
    ["text"],
    [""],
    [undefined],
    [3],
    [["${{ item }}"]],
  ])("is undefined for %j", (text) => {
    expect(soleReference(text)).toBeUndefined();
  });
});
