// References in commands, held against the shells that this machine has.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toShellText } from "../../src/plan/shell-text.ts";

/** Each once: `sh`, the one that commands go through, is often one of the others. */
const SHELLS = process.platform === "win32" ? [] : distinct("dash", "bash", "sh");

/** What could become code, vanish, or fall apart if it were read by a shell. */
const HOSTILE = [
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned;",
  "' ; touch pwned; '",
  '" ; touch pwned; "',
  "')\"; touch pwned #",
  "a[$(touch pwned)]",
  "x\nE\ntouch pwned\n",
  "${IFS}$HOME ~ * ? [a-z]",
  "two  blanks\tand a tab ",
  "\n\n",
  "\\",
  "\\\n",
  "-n",
  "%s%n",
  "${{ item }}",
  "ß 日本 😀 \u2028",
  "",
];

const value = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" }), fc.string());
const environmentValue = value.filter(
  (text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text),
);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fanfold-shell-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Gives the command to the shell as a run does, and returns what it printed. */
function printed(
  shell: string,
  command: string,
  valueOf: (reference: string) => string,
  options: { readonly mayFail?: boolean } = {},
): string {
  const { text, variables, problems } = toShellText(command);
  expect(problems).toEqual([]);
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, reference]) => [name, valueOf(reference.text)]),
  );
  try {
    return execFileSync(shell, ["-c", text], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    if (options.mayFail !== true) {
      throw error;
    }
    return String((error as { readonly stdout?: unknown }).stdout); // What execFileSync throws.
  } finally {
    expect(readdirSync(folder)).toEqual([]);
  }
}

/** Those of the shells that are there; of two names for the same program the latter. */
function distinct(...names: readonly string[]): readonly string[] {
  const found = names.flatMap((name) => {
    const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    return status === 0 ? [[realpathSync(stdout.trim()), name] as const] : [];
  });
  return [...new Map(found).values()];
}

const problemsOf = (command: string): readonly string[] =>
  toShellText(command).problems.map(({ offset, message }) => `${offset} ${message}`);

describe("a reference in a command", () => {
  test("becomes a variable, one for each text, in quotes where there are none", () => {
    const { text, variables, problems } = toShellText(
      'cp ${{ item }} "${{ inputs.to }}/${{item}}" # ${{ item }}',
    );
    expect(problems).toEqual([]);
    expect(text).toBe(
      'cp "${FANFOLD_VALUE_1}" "${FANFOLD_VALUE_2}/${FANFOLD_VALUE_1}" # ${{ item }}',
    );
    expect(Object.entries(variables).map(([name, { text }]) => [name, text])).toEqual([
      ["FANFOLD_VALUE_1", "item"],
      ["FANFOLD_VALUE_2", "inputs.to"],
    ]);
  });

  test.each([
    ["echo '${{ item }}'", 6, "inside single quotes nothing expands; use double quotes"],
    ["echo $'a\\n${{ item }}'", 10, "inside single quotes nothing expands; use double quotes"],
    [
      "cat <<'E'\n${{ item }}\nE",
      10,
      "the delimiter of the here-document is quoted, so that nothing expands in it; take the quotes off the delimiter",
    ],
    [
      "cat <<-\\E\n\t${{ item }}\n\tE",
      11,
      "the delimiter of the here-document is quoted, so that nothing expands in it; take the quotes off the delimiter",
    ],
    ["cat <<${{ item }}\n", 6, "it stands in the delimiter of a here-document; use a fixed word"],
    [
      "echo `echo ${{ item }}`",
      11,
      "backticks read their text twice; use $( ) in place of the backticks",
    ],
    [
      'echo "`echo ${{ item }}`"',
      12,
      "backticks read their text twice; use $( ) in place of the backticks",
    ],
    [
      "echo ${X:-${{ item }}}",
      10,
      "inside ${ } quotes differ from shell to shell; assign it to a variable first",
    ],
    [
      'echo "${X#"${{ item }}"}"',
      11,
      "inside ${ } quotes differ from shell to shell; assign it to a variable first",
    ],
    [
      "[[ a == ${{ item }} ]]",
      8,
      "inside [[ ]] a value may be read as a pattern or an expression; use [ ]",
    ],
    [
      '[[ "a]]" == ${{ item }} ]]',
      12,
      "inside [[ ]] a value may be read as a pattern or an expression; use [ ]",
    ],
    [
      "echo \\${{ item }}",
      6,
      "a backslash stands before it; take the backslash away, or write $${{ for the text itself",
    ],
    [
      'echo "\\${{ item }}"',
      7,
      "a backslash stands before it; take the backslash away, or write $${{ for the text itself",
    ],
  ])("is refused in %j", (command, offset, why) => {
    expect(problemsOf(command)).toEqual([`${offset} Cannot use a reference here as ${why}: item`]);
  });

  test.each([
    ["echo $((1 + ${{ item }}))", 12],
    ['echo "$((1 + ${{ item }}))"', 13],
    ["echo $((\n(1) + ${{ item }}\n))", 15],
    ["cat <<E\n$((${{ item }}))\nE", 11],
    ["((${{ item }} > 1)) && echo", 2],
    ["for ((i = 0; i < ${{ item }}; i++)); do :; done", 17],
    ["echo $[${{ item }}]", 7],
    ['echo "$[a[1] + ${{ item }}]"', 15],
    ["names[${{ item }}]=x", 6],
    ['names["${{ item }}"]+=x', 7],
    ["names[1 + ${{ item }}]=x", 10],
    ["names=([${{ item }}]=x)", 8],
  ])("is refused in arithmetic: %j", (command, offset) => {
    expect(problemsOf(command)).toEqual([
      `${offset} Cannot use a reference here as arithmetic reads a value as an expression; assign it to a variable first: item`,
    ]);
  });

  test.each(['echo "', "echo $(", "(echo", 'cat "$(echo "', "cat <<E\n$(echo\nE\n(echo"])(
    "is refused when this behind it does not close: %j",
    (open) => {
      const command = `echo \${{ item }}; ${open}`;
      expect(problemsOf(command)).toEqual([
        `0 Cannot use a reference here as its quotes and parentheses do not close; close them: ${command.slice(0, 20)}`,
      ]);
    },
  );

  test.each([
    ["echo $'a\\'b' ${{ item }}", 5, "this $'…' ends in another place from shell to shell"],
    ["echo ${X:-'}'} ${{ item }}", 5, "this ${ } ends in another place from shell to shell"],
    ["cat <<E\n$(echo\nE\n${{ item }})", 8, "what begins in a here-document must end in it"],
    [
      "echo $(cat <<E)\n${{ item }}\nE",
      15,
      "a here-document begins in $( ) and its text would stand behind it",
    ],
  ])("is refused behind what shells read differently: %j", (command, offset, rule) => {
    const [problem] = toShellText(command).problems;
    expect(problem?.offset).toBe(offset);
    expect(problem?.message).toContain(`Cannot use a reference here as ${rule}; `);
    expect(toShellText(command.replace("${{ item }}", "x")).problems).toEqual([]);
  });
});

describe("a command without references", () => {
  /** As `exec` hands commands on: nothing in them is a reference. */
  const escaped = (command: string): string => command.replaceAll("${{", () => "$${{");

  const junk = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ..."'\"`\\$#(){}[]\n".split(""),
          ...["$'", "${{", "}}", "$(", "$((", "))", "<<", "<<-", "<<<", "E", "[[ ", " ]]"],
          ...["case ", " in ", "esac", ";;", "a[", "]=", "${", " "],
        ),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 20 },
    )
    .map((pieces) => pieces.join(""));

  test("reaches the shell as it is, whatever it is", () => {
    fc.assert(
      fc.property(junk, (command) => {
        expect(toShellText(escaped(command))).toEqual({
          text: command,
          variables: {},
          problems: [],
        });
      }),
      { numRuns: 2000 },
    );
  });

  test.each(["'${{ a }}'", '"${{', "\\${{", "`${{`", "# ${{", "cat <<'E'\n${{\nE", "$${{"])(
    "keeps its own braces: %j",
    (command) => {
      expect(toShellText(escaped(command)).text).toBe(command);
    },
  );
});

/** A piece of a script, and what it comes to, given the values. */
interface Piece {
  readonly text: string;
  readonly is: (valueOf: (reference: string) => string) => string;
}

const literal = (text: string, is: string): Piece => ({ text, is: () => is });
const around = (before: string, piece: Piece, after: string, is = ""): Piece => ({
  text: before + piece.text + after,
  is: (valueOf) => piece.is(valueOf) + is,
});
const joined = (pieces: readonly Piece[], separator = ""): Piece => ({
  text: pieces.map(({ text }) => text).join(separator),
  is: (valueOf) => pieces.map(({ is }) => is(valueOf)).join(""),
});

const reference = fc
  .constantFrom("item", 'inputs["a}}b"]', "tasks.list.lines[-1]")
  .map((text): Piece => ({ text: `\${{ ${text} }}`, is: (valueOf) => valueOf(text) }));

/** Things that a careless reader of shell text stumbles over. */
const stumble = fc.constantFrom(
  literal("\\'", "'"),
  literal('\\"', '"'),
  literal("\\\\", "\\"),
  literal("\\ #x", " #x"),
  literal("a#b", "a#b"),
  literal("a\\\n#b", "a#b"),
  literal("'it\"s $( ` #'", 'it"s $( ` #'),
  literal('"it\'s # ) esac"', "it's # ) esac"),
  literal("$(printf a)#b", "a#b"),
  literal("$(printf ')')", ")"),
  literal("$(# it's a comment )\nprintf a)", "a"),
  literal('`printf "it\'s"`', "it's"),
  literal("$((1+(2)))", "3"),
  literal("$((\n1<<2))#a", "4#a"),
  literal('${NONE:-"}"}', "}"),
  literal("${NONE:-\\}}", "}"),
  literal("$(case a in a) printf b;; c) esac)", "b"),
  literal("$(case a in (a) printf case esac;; esac)", "case"),
  literal("$(case a in a) case b in b) printf c;; esac;; d) ;; esac)", "c"),
  literal("$(case a in a) if :; then printf b; fi esac)", "b"),
  literal("$(case a in a) printf %s esac;; b) esac)", "esac"),
);

const { word } = fc.letrec<{
  word: Piece;
  segment: Piece;
  quoted: Piece;
  script: Piece;
  line: Piece;
}>((tie) => ({
  word: fc.array(tie("segment"), { minLength: 1, maxLength: 3 }).map((all) => joined(all)),
  segment: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    reference,
    stumble,
    fc.array(tie("quoted"), { maxLength: 3 }).map((all) => around('"', joined(all), '"')),
  ),
  quoted: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    reference,
    fc.constantFrom(
      literal("it's", "it's"),
      literal(" # (", " # ("),
      literal('\\"', '"'),
      literal("\\\\", "\\"),
      literal("\n", "\n"),
      literal("`printf a`#", "a#"),
      literal("$((2*(3)))", "6"),
    ),
    // The dot keeps line ends: $( ) takes those at the end away.
    tie("script").map((script) => around("$( ", script, "printf .)", ".")),
  ),
  script: fc.array(tie("line"), { minLength: 1, maxLength: 3 }).map((lines) => joined(lines)),
  line: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("word").map((word) => around("printf '%s' ", word, "\n")),
    fc.constantFrom(
      literal("# it's \"a comment $( ` <<E\n:\n", ""),
      literal("cat <<'E'; cat <<\\E\nit's $( ` \"\nE\n)\nE\n", "it's $( ` \"\n)\n"),
      literal('cat <<"it\'s"\n"\nit\'s\n', '"\n'),
      literal(": <<E\na\\\nE\n'\nE\n", ""),
    ),
    tie("word").map((word) => around("printf '%s' ", word, " | cat\n")),
    tie("word").map((word) => around("X=", word, "\nprintf '%s' \"$X\"\n")),
    tie("word").map((word) => around("for x in ", word, "; do printf '%s' \"$x\"; done\n")),
    tie("quoted").map((body) => documents(body)),
    fc.tuple(tie("quoted"), tie("quoted")).map((bodies) => documents(...bodies)),
    tie("script").map((script) => around("( ", script, ")\n")),
    tie("script").map((script) => around("{ ", script, "} | cat\n")),
    tie("script").map((script) => around("if :; then\n", script, "fi\n")),
    fc
      .tuple(reference, tie("script"))
      .map(([choice, script]) =>
        around(`case ${choice.text} in ${choice.text}) `, script, ";; *) printf no;; esac\n"),
      ),
  ),
}));

/** A command that prints a here-document, or two that follow one line. */
function documents(...bodies: readonly Piece[]): Piece {
  const ends = bodies.map(({ text }) => delimiterFor(text));
  const line = ends.map((end, index) => `cat <<${index === 0 ? "" : "-"}${end}`).join("; ");
  const texts = bodies.map((body, index) =>
    around("", plainQuotes(body), `\n${index === 0 ? "" : "\t"}${ends[index]}\n`, "\n"),
  );
  return around(`${line}\n`, joined(texts), "");
}

/** A word that does not occur in the text. */
function delimiterFor(text: string): string {
  let delimiter = "E";
  while (text.includes(delimiter)) {
    delimiter += "E";
  }
  return delimiter;
}

/** Quotes are plain characters in a here-document. */
function plainQuotes(body: Piece): Piece {
  return body.text === '\\"' ? literal('"', '"') : body;
}

/** Pieces of shell text in any order: few of them make sense, fewer still together. */
const soup = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("${{ item }}") },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          "\nprintf '%s\\n' ",
          '"',
          '"',
          "$( printf '%s' ",
          ")",
          "\n",
          " ",
        ),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ...[
            "'",
            "`",
            "\\",
            "#",
            "(",
            "((",
            "))",
            "$((",
            "$[",
            "]",
            "[[ ",
            " ]] ",
            "${X:-",
            "}",
            "{ ",
          ],
          ...[
            "$'",
            "\\'",
            "<<E ",
            "<<-E ",
            "<<'E' ",
            "\nE\n",
            "\n\tE\n",
            "<<<",
            "; ",
            " | cat",
            "1",
          ],
          ...[
            "case x in ",
            "x) ",
            ";; ",
            " esac",
            "\nesac\n",
            "if :; then ",
            "\nfi\n",
            "a[",
            "]=",
            "x",
          ],
        ),
      },
    ),
    { minLength: 3, maxLength: 16 },
  )
  .map((pieces) => `printf '%s\\n' ${pieces.join("")}`)
  .filter((command) => toShellText(command).problems.length === 0);

describe.each(SHELLS)("in %s, a value", (shell) => {
  test("arrives byte for byte and runs nothing, wherever its reference stands", () => {
    fc.assert(
      fc.property(word, fc.array(environmentValue, { minLength: 3, maxLength: 3 }), (word, all) => {
        const valueOf = (text: string): string =>
          all[["item", 'inputs["a}}b"]', "tasks.list.lines[-1]"].indexOf(text)] ?? "";
        expect(printed(shell, `printf '%s' ${word.text}`, valueOf)).toBe(word.is(valueOf));
      }),
      { numRuns: 100 },
    );
  });
  test.each([
    ["printf '%s' a${{ item }} \\\n# it's\nprintf '%s' ${{ item }}", "a**"],
    ["(cat <<E) | cat\nit's ${{ item }}\nE\nprintf '%s' ${{ item }}", "it's *\n*"],
    ["cat <<'E'; printf '%s' ${{ item }}\n\\\nE\nprintf '%s' ${{ item }}", "\\\n**"],
    [
      "cat <<E; printf '%s' \"$(\nprintf '%s' ${{ item }})\"\nit's ${{ item }}\nE\nprintf '%s' ${{ item }}",
      "it's *\n**",
    ],
  ])("arrives in %j", (command, expected) => {
    const hostile = "$(:>pwned) \"`'*";
    expect(printed(shell, command, () => hostile)).toBe(expected.replaceAll("*", () => hostile));
  });

  test("stays one piece, or the command fails, in whatever is accepted", () => {
    const hostile = "'\";$(:>pwned)`:>pwned`a[$(:>pwned)]";
    fc.assert(
      fc.property(soup, (command) => {
        const harmless = printed(shell, command, () => "VALUE", { mayFail: true });
        const output = printed(shell, command, () => hostile, { mayFail: true });
        expect(output).not.toContain("FANFOLD");
        expect(output).toBe(harmless.replaceAll("VALUE", () => hostile));
      }),
      { numRuns: 100 },
    );
  });
});
