import assert from "node:assert/strict";
import { CellTraces } from "braid/jupyter/cell_traces.ts";
import { Kernel } from "braid/jupyter/kernel.ts";
import { isMessage } from "braid/jupyter/messages.ts";

/** Runs cells in a kernel; returns of each the frames of what it throws. */
async function framesOf(cells: string[]): Promise<string[][]> {
  let trace: string[] = [];
  await using kernel = await Kernel.start({
    onOutput: (message) => void (isMessage(message, "error") && (trace = message.content.traceback)),
  });
  const frames: string[][] = [];
  for (const cell of cells) {
    trace = [];
    await kernel.execute(cell);
    frames.push(trace.filter((line) => /^ {4}at /.test(line)).map((line) => line.trim()));
  }
  return frames;
}

Deno.test("a frame names the cell and the line in which code stands, whatever the compiler makes of it", async () => {
  const boom =
    "interface A {}\n\nfunction boom(x?: number): never {\n  const a = [1,\n 2];\n\n throw new Error('x');\n}";
  const cells = [
    [boom],
    ["import { type ParsedPath } from 'node:path';\n\nboom();", "at boom (cell 1, line 7)", "at cell 2, line 3"],
    [
      "import {\n readFile,\n writeFile\n} from 'node:fs'; import type { ParsedPath } from 'node:path';\n\nthrow 1, new Error();",
      "at cell 3, line 6",
    ],
    [
      "import { basename } from 'node:path'; import * as g from 'node:path'; import d, { join } from 'node:path';\n\nboom()",
      ...["at boom (cell 1, line 7)", "at cell 4, line 3"],
    ],
    ["export const one = 1; export function two() {}\nexport { one };\n\nthrow new Error();", "at cell 5, line 4"],
    ["{ let a = 1;\n\n throw new Error(); }", "at cell 6, line 3"],
    ["({ m() {\n return null.x } })\n .m\n ()", "at Object.m (cell 7, line 2)", "at cell 7, line 3"],
    [
      "// c\n\nclass Z { constructor(private y: number, readonly w = 3) {\n // d\n boom(y); } }\n\n\nnew Z(1);",
      ...["at boom (cell 1, line 7)", "at new Z (cell 8, line 5)", "at cell 8, line 8"],
    ],
    [
      "enum E { A, B }\nnamespace N { export const q = 1; }\nconst s = `a\n\nb`;\ndeclare const f: number;\n\nboom();",
      ...["at boom (cell 1, line 7)", "at cell 9, line 8"],
    ],
    [
      "const h = async () => {\n await 0;\n\n boom(); };\nawait h();",
      ...["at boom (cell 1, line 7)", "at h (cell 10, line 4)", "at async cell 10, line 5"],
    ],
    [
      "[1].map((x) =>\n  boom(x)\n)",
      ...["at boom (cell 1, line 7)", "at cell 11, line 2", "at Array.map (<anonymous>)", "at cell 11, line 1"],
    ],
  ];
  assert.deepEqual(await framesOf(cells.map(([cell]) => cell)), cells.map(([, ...frames]) => frames));
});

Deno.test("frames of the kernel's own code are left out, those of modules stay", () => {
  const traces = new CellTraces();
  traces.place("1", 1);
  const module = "    at train (file:///lib/train.ts:3:9)";
  assert.deepEqual(
    traces.name(["Error: x", "    at <anonymous>:2:51", "    at f (ext:cli/40_jupyter.js:1:1)", module]),
    [
      "Error: x",
      module,
    ],
  );
});

Deno.test("what begins with a brace is an object if it can be one, and runs once", async () => {
  const shown: unknown[] = [];
  await using kernel = await Kernel.start({
    onOutput: (message) => {
      if (isMessage(message, "execute_result")) shown.push(message.content.data["text/plain"]);
      if (isMessage(message, "stream")) shown.push(message.content.text);
      if (isMessage(message, "error")) shown.push(message.content.evalue);
    },
  });
  for (
    const cell of [
      "{ a: 1 }",
      "{ }",
      "{ let a = 2; a }",
      "{ ...(() => { console.log('once'); throw new Error('x'); })() }",
    ]
  ) {
    await kernel.execute(cell);
  }
  assert.deepEqual(shown, ["{ a: 1 }", "{}", "2", "once\n", "x"]);
});

Deno.test("code that does not parse is sent as it is", () => {
  const traces = new CellTraces();
  for (const code of ["const = 1;", "{ a: ", "let a; let a;"]) assert.equal(traces.place(code, 1), code);
});
