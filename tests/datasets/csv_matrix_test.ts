import assert from "node:assert/strict";
import { readCsvMatrix } from "braid/datasets/csv_matrix.ts";
import { DataFileError } from "braid/datasets/files.ts";

Deno.test("readCsvMatrix() gives the numbers row by row, in every common way of writing them", () => {
  const { names, rows, columns, values } = readCsvMatrix("0.5,-3, 7\r\n1e-3,+2,0\n");
  assert.deepEqual([names, rows, columns], [undefined, 2, 3]);
  assert.deepEqual(values, Float32Array.of(0.5, -3, 7, 1e-3, 2, 0));
});

Deno.test("readCsvMatrix() takes names from the first line, quoted ones too", () => {
  const { names, rows, columns, values } = readCsvMatrix('ERBB4,"14.3.3, epsilon"\n1,2\n', { header: true });
  assert.deepEqual([names, rows, columns], [["ERBB4", "14.3.3, epsilon"], 1, 2]);
  assert.deepEqual(values, Float32Array.of(1, 2));
});

Deno.test("readCsvMatrix() of no rows is empty", () => {
  for (const [text, header] of [["", false], ["", true], ["a,b\n", true]] as const) {
    const { rows, columns, values } = readCsvMatrix(text, { header });
    assert.deepEqual([rows, columns, values.length], [0, 0, 0]);
  }
});

Deno.test("readCsvMatrix() refuses cells that are no finite number, and says where", () => {
  for (const cell of ["", " ", "NA", "NaN", "Infinity", "1e39", "1;2"]) { // 1e39 is beyond float32
    assert.throws(
      () => readCsvMatrix(`1,2\n3,${cell}\n`),
      (error: Error) => {
        assert.ok(error instanceof DataFileError);
        assert.equal(error.message, `Expected a finite number in row 1, column 1, got "${cell}"`);
        return true;
      },
    );
  }
  assert.throws(() => readCsvMatrix("a,b\n1,2\n"), /row 0, column 0, got "a"/); // a header nobody announced
});

Deno.test("readCsvMatrix() refuses rows of other lengths than the first", () => {
  for (const text of ["1,2\n3\n", "1,2\n3,4,5\n", "1,2\n3,4\n5"]) {
    assert.throws(() => readCsvMatrix(text), { name: "DataFileError", message: /rows of equal length/ });
  }
});
