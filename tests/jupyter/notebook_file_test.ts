import assert from "node:assert/strict";
import { join } from "node:path";
import {
  createNotebook,
  formatNotebook,
  injectParameters,
  parseNotebook,
  readNotebook,
  writeNotebook,
} from "braid/jupyter/notebook_file.ts";

/** As Jupyter's nbformat writes it: sorted keys, one space, lines cut after every break that Python knows. */
const FILE = `{
 "cells": [
  {
   "attachments": {
    "a.png": {
     "image/png": "aGk="
    }
   },
   "cell_type": "markdown",
   "id": "title",
   "metadata": {},
   "source": [
    "# Títle\\n",
    "\\n",
    "no break at the end"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "code",
   "metadata": {
    "tags": [
     "parameters"
    ],
    "vendor": {
     "kept": [
      1,
      null
     ]
    }
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "10 %\\r",
      "100 %\\r\\n",
      "a\u2028",
      "b\\n"
     ]
    },
    {
     "data": {
      "application/json": [
       "stays",
       "a list"
      ],
      "image/png": "aGk=\\n",
      "image/svg+xml": [
       "<svg>\\n",
       "</svg>"
      ],
      "text/plain": [
       "1"
      ]
     },
     "execution_count": 1,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "Error",
     "evalue": "bad",
     "output_type": "error",
     "traceback": [
      "Error: bad"
     ]
    }
   ],
   "source": [
    "let preset = \\"quick\\", unused;\\n",
    "let seeds: number[] = [1];"
   ]
  },
  {
   "cell_type": "raw",
   "id": "raw",
   "metadata": {},
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Deno",
   "language": "typescript",
   "name": "deno"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`;

Deno.test("a file that Jupyter wrote is written back byte for byte", () => {
  assert.equal(formatNotebook(parseNotebook(FILE)), FILE);
});

Deno.test("in memory every text is one string, and JSON stays JSON", () => {
  const [title, code] = parseNotebook(FILE).cells;
  assert.equal(title.source, "# Títle\n\nno break at the end");
  assert.ok(code.cell_type === "code");
  assert.partialDeepStrictEqual(code.outputs[0], { text: "10 %\r100 %\r\na\u2028b\n" });
  assert.partialDeepStrictEqual(code.outputs[1], {
    data: { "image/svg+xml": "<svg>\n</svg>", "application/json": ["stays", "a list"], "image/png": "aGk=\n" },
  });
});

Deno.test("a wrong file is refused with the field that is wrong", () => {
  const wrong = (change: (notebook: ReturnType<typeof JSON.parse>) => void) => {
    const notebook = JSON.parse(FILE);
    change(notebook);
    return () => parseNotebook(JSON.stringify(notebook));
  };
  assert.throws(() => parseNotebook(""), /Expected a notebook in JSON/);
  assert.throws(() => parseNotebook("7"), /Expected the notebook to be Object, got 7/);
  assert.throws(() => parseNotebook("{}"), /Expected cells to be there, got undefined/);
  assert.throws(wrong((notebook) => notebook.nbformat = 3), /nbformat to be 4, got 3/);
  assert.throws(wrong((notebook) => notebook.cells[1].source = 7), /cells\[1\]\.source to be .*, got 7/);
  assert.throws(wrong((notebook) => notebook.cells[2].cell_type = "table"), /cells\[2\]\.cell_type .*, got "table"/);
  assert.throws(wrong((notebook) => notebook.cells[1].outputs[0].name = "out"), /cells\[1\]\.outputs\[0\]\.name/);
  assert.throws(
    wrong((notebook) => delete notebook.cells[1].outputs),
    /cells\[1\]\.outputs to be there, got undefined/,
  );
});

Deno.test("readNotebook() names the file", async () => {
  const path = await Deno.makeTempFile();
  await assert.rejects(readNotebook(path), (error: Error) => error.message.startsWith(path));
  await Deno.remove(path);
});

Deno.test("writeNotebook() replaces the file and leaves nothing else", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "a.ipynb");
  await writeNotebook(path, createNotebook(["1"]));
  await writeNotebook(path, parseNotebook(FILE));
  assert.equal(await Deno.readTextFile(path), FILE);
  assert.deepEqual(Array.from(Deno.readDirSync(folder), (entry) => entry.name), ["a.ipynb"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("cells from before nbformat 4.5 get an id from their position", () => {
  const old = JSON.parse(FILE);
  old.nbformat_minor = 2;
  for (const cell of old.cells) delete cell.id;
  const { cells, nbformat_minor } = parseNotebook(JSON.stringify(old));
  assert.deepEqual(cells.map((cell) => cell.id), ["cell-1", "cell-2", "cell-3"]);
  assert.equal(nbformat_minor, 5);
});

Deno.test("parameters are assigned right after the cell that declares them, once", () => {
  const notebook = parseNotebook(FILE);
  const once = injectParameters(notebook, { preset: "smoke", seeds: [1, 2] });
  assert.deepEqual(once.cells.map((cell) => cell.id), ["title", "code", "injected-parameters", "raw"]);
  assert.equal(once.cells[2].source, 'preset = "smoke";\nseeds = [1,2];');
  assert.deepEqual(once.cells[2].metadata.tags, ["injected-parameters"]);
  const twice = injectParameters(once, { preset: "paper" });
  assert.deepEqual(twice.cells.map((cell) => cell.id), once.cells.map((cell) => cell.id));
  assert.equal(twice.cells[2].source, 'preset = "paper";');
  assert.equal(formatNotebook(notebook), FILE);
});

Deno.test("parameters that no cell declares are named", () => {
  const message = /a code cell tagged "parameters" that declares preset, epochs, got none/;
  assert.throws(() => injectParameters(createNotebook(["let preset = 1;"]), { preset: 1, epochs: 2 }), message);
  assert.throws(
    () => injectParameters(parseNotebook(FILE), { presett: 1, seeds: [], unusedToo: 1 }),
    /declares with let \(preset, seeds\), got presett, unusedToo/,
  );
});
