import assert from "node:assert/strict";
import { type CellModuleOptions, toModule } from "braid/jupyter/cell_module.ts";
import { createNotebook } from "braid/jupyter/notebook_file.ts";

/** Where a piece of the module's text comes from: [cell, line, column] of each origin. */
function originsOf(piece: string, sources: string[], options?: CellModuleOptions) {
  const { text, origins } = toModule(createNotebook(sources), options), lines = text.split("\n");
  const line = lines.findIndex((line) => line.includes(piece));
  assert.ok(line >= 0, `${piece} stands in\n${text}`);
  return origins[line].map(({ cell, line: row, column }) => [cell, row, column + lines[line].indexOf(piece)]);
}

Deno.test("each piece of a cell is known by cell, line and column, in imports too", () => {
  const sources = [
    "const a = 1;",
    "\nimport b, { c,\n  type d as e } from 'm';\nimport * as f from \"n\";\nlet g = b + c;",
  ];
  assert.deepEqual(originsOf("a = 1", sources), [[1, 1, 6]]);
  assert.deepEqual(originsOf("b", sources), [[2, 2, 7]]);
  assert.deepEqual(originsOf("c", sources.slice(1)), [[1, 2, 12]]);
  assert.deepEqual(originsOf("type d as e", sources), [[2, 3, 2]]);
  assert.deepEqual(originsOf('"m"', sources), [[2, 3, 21]]);
  assert.deepEqual(originsOf("* as f", sources), [[2, 4, 7]]);
  assert.deepEqual(originsOf("g = b", sources), [[2, 5, 4]]);
});

Deno.test("an import of several cells stands once and belongs to each of them", () => {
  const sources = ['import { a } from "m";', "import { b, a } from 'm'"];
  assert.deepEqual(originsOf("a", sources), [[1, 1, 9], [2, 1, 12]]);
  assert.equal(toModule(createNotebook(sources)).text.match(/\ba\b/g)!.length, 1);
});

Deno.test("of the cell that is being written, what is there counts, its imports too; other broken cells are left out", () => {
  const last = 'import { a } from "m";\nimport { b } from\nconst c = a(";\n', sources = ["const gone = ;", last];
  assert.deepEqual(originsOf("const c", sources, { unfinished: true }), [[2, 3, 0]]);
  const { text } = toModule(createNotebook(sources), { unfinished: true });
  assert.match(text, /^export \{\};\nimport \{\na\n\} from\n"m";\n\{/);
  assert.doesNotMatch(text, /gone/);
  assert.doesNotMatch(toModule(createNotebook(sources)).text, /const c/);
});

Deno.test("relative imports start from the folder, if one is given, and stay as they are otherwise", () => {
  const notebook = createNotebook(['import { a } from "./a.ts";\nawait import("../b.ts");']);
  assert.match(
    toModule(notebook, { folder: "/x/y" }).text,
    /file:\/\/\/x\/y\/a\.ts"[^]*import\("file:\/\/\/x\/b\.ts"\)/,
  );
  assert.match(toModule(notebook).text, /"\.\/a\.ts"[^]*import\("\.\.\/b\.ts"\)/);
});
