import assert from "node:assert/strict";
import { join } from "node:path";
import { checkCells } from "braid/jupyter/cell_check.ts";
import { createNotebook, type Notebook, writeNotebook } from "braid/jupyter/notebook_file.ts";

/** Checks notebooks that lie in one folder and returns [notebook, cell, line, message] of each error, in order. */
async function check(notebooks: Record<string, Notebook>, files: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir(), paths = Object.keys(notebooks).map((name) => join(folder, name));
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
  for (const [name, notebook] of Object.entries(notebooks)) await writeNotebook(join(folder, name), notebook);
  try {
    const errors = await checkCells(paths);
    return errors.map(({ notebook, cell, line, message }) => [notebook.slice(folder.length + 1), cell, line, message])
      .sort();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const checkTypes = async (...input: Parameters<typeof check>) =>
  (await check(...input)).filter(([_notebook, _cell, _line, message]) => !String(message).startsWith("Format"));

Deno.test("planted errors are found in their notebook, cell and line", async () => {
  const types = createNotebook([
    "const count = 1;\n\nconst name: string = count;",
    "",
    'import {\n  sign,\n  nothing,\n} from "braid/jupyter/messages.ts";\nsign(1, []);',
    'import { gone } from "./gone.ts";\nimport nopkg from "nopkg";',
    'import { local } from "./local.ts";\nconst wrong: string = local;\n(await import("./local.ts")).missing;',
  ]);
  const syntax = createNotebook(["const ok = 1;", "\nconst = 2;", "ok.nothing;"]);
  const again = createNotebook(["const a = 1;", "a.toFixed();", 'const a = "x";\na.length;', "a.toFixed();"]);
  const afterThrow = createNotebook([
    "let a = Math.random() > 0.5 ? 1 : 'x';",
    "throw a",
    "(a as string).length;\na.nothing;",
  ]);
  afterThrow.cells[1].metadata.tags = ["raises-exception"];
  const notebooks = {
    "types.ipynb": types,
    "syntax.ipynb": syntax,
    "again.ipynb": again,
    "after_throw.ipynb": afterThrow,
  };
  const errors = await checkTypes(notebooks, { "local.ts": "export const local = 1;" });
  assert.deepEqual(errors.map((error) => error.slice(0, 3)), [
    ["after_throw.ipynb", 3, 2],
    ["again.ipynb", 4, 1],
    ["syntax.ipynb", 2, 2],
    ["syntax.ipynb", 3, 1],
    ["types.ipynb", 1, 3],
    ["types.ipynb", 2, 3],
    ["types.ipynb", 2, 5],
    ["types.ipynb", 3, 1],
    ["types.ipynb", 3, 2],
    ["types.ipynb", 4, 2],
    ["types.ipynb", 4, 3],
  ]);
  const messages = errors.map((error) => error[3]);
  assert.match(String(messages[2]), /Unexpected token \(2:6\)/);
  assert.match(String(messages[4]), /^TS2322 Type 'number' is not assignable to type 'string'/);
  assert.match(String(messages[5]), /no exported member 'nothing'/);
});

Deno.test("what a kernel accepts is no error", async () => {
  const kernel = createNotebook([
    'let preset: "smoke" | "quick" = "quick";\nlet verbose = false, epochs = 3;',
    'import { join } from "node:path";\nimport type { Cell } from "braid/jupyter/notebook_file.ts";\nlet x: Cell | string;',
    'if (preset === "smoke" || verbose === true) epochs = 1;\nx = "text";',
    'import { join, resolve } from "node:path";\nconst { x, list: [first, ...rest] } = { x: 1, list: [join("a"), 2] };',
    "class Model { size = x; }\nconst y = await Promise.resolve(x + 1), unused = 0;\nfunction f(): Model { return new Model(); }",
    'class Model { name = "second" }\nenum Side { Left }\ninterface Shape { a: number }\ntype T = Shape;',
    'new Model().name.length + y + f().size;\nexport const rest = "third";\nenum Side { Right }',
    "rest.length;\nSide.Right;\nx",
    "Deno.jupyter.html`<b>${first}</b>`",
    'throw new TypeError("wanted" - 1);',
    "const = broken;",
    "resolve(1 as never); y.toFixed(2)",
  ]);
  const earlier = createNotebook(["const a = 1;", "let b = 1;", "const b = a.toFixed();", 'const a = "x";', "b + a"]);
  kernel.cells[0].metadata.tags = ["parameters"];
  for (const cell of kernel.cells.slice(9, 11)) cell.metadata.tags = ["raises-exception"];
  const notebooks = { "kernel.ipynb": kernel, "earlier.ipynb": earlier, "empty.ipynb": createNotebook([]) };
  assert.deepEqual(await checkTypes(notebooks), []);
});

Deno.test("a cell is formatted as a file is, but for the line break at its end", async () => {
  const notebook = createNotebook([
    "const a = 1;\na;",
    "a;\n",
    "const  b = 1;",
    "let c;\n\nlet  d = 2;\nc;",
    "[1  ,2];",
  ]);
  notebook.cells[4].metadata.tags = ["raises-exception"];
  const errors = await check({ "n.ipynb": notebook });
  assert.deepEqual(errors.map((error) => error.slice(1, 3)), [[3, 1], [4, 3], [5, 1]]);
  assert.match(String(errors[0][3]), /^Format: run deno fmt .*n\.ipynb\n1 \| -const {2}b = 1;\n1 \| \+const b = 1;$/);
});

Deno.test("the first of many lines to change is told, however wide the numbers of the last ones", async () => {
  const lines = Array.from({ length: 4 }, (_, i) => `  ${i},`), cell = ["const a = 1;", "a;", "[", ...lines, "] ;"];
  const errors = await check({ "n.ipynb": createNotebook([[...cell, "", "", "", "a  ;"].join("\n"), "a  ;"]) });
  assert.deepEqual(errors.map((error) => error.slice(1, 3)), [[1, 8], [2, 1]]);
});

Deno.test("no notebooks have no errors", async () => assert.deepEqual(await checkCells([]), []));

Deno.test("a check that cannot run is an error, not a success", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ipynb" });
  await writeNotebook(path, createNotebook(["1"]));
  await assert.rejects(checkCells([path], { config: "nowhere.json" }), /Expected deno check to report type errors/);
  await Deno.remove(path);
});
