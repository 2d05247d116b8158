import * as dfd from "danfojs-node";
import assert from "node:assert/strict";
import { frameColumns, groupsOf } from "braid/evaluation/frame.ts";

Deno.test("frameColumns() reads a danfo data frame as it reads columns", () => {
  const columns = { site: ["A", "B", "A"], age: [61, 47, 50], left: [true, false, true] };
  const frame = new dfd.DataFrame(columns);
  assert.deepEqual([...frameColumns(frame, 3)], [...frameColumns(columns, 3)]);
});

Deno.test("frameColumns() takes a record whose columns are called columns and values as a record", () => {
  const record = { columns: ["site", "age"], values: [3, 4] };
  assert.deepEqual([...frameColumns(record, 2).keys()], ["columns", "values"]);
});

Deno.test("groupsOf() names groups by value, by combination, and what is missing", () => {
  const frame = { site: ["A", "", undefined], age: Float64Array.of(61, NaN, 5), left: [true, null, false] };
  assert.deepEqual(groupsOf(frame, "site", 3), ["A", "missing", "missing"]);
  assert.deepEqual(groupsOf(frame, "age", 3), ["61", "missing", "5"]);
  assert.deepEqual(groupsOf(frame, ["age", "left"], 3)[0], "age = 61, left = true");
  assert.deepEqual(groupsOf(frame, ["left"], 3), ["true", "missing", "false"]);
});

Deno.test("frameColumns() and groupsOf() say what is wrong with a frame", () => {
  assert.throws(() => frameColumns({}, 0), /at least one column, got none/);
  assert.throws(() => frameColumns({ site: ["A"] }, 2), /column site to have one entry for each of 2 samples, got 1/);
  assert.throws(() => groupsOf({ site: ["A"] }, "age", 1), /by to name columns of site, got age/);
  assert.throws(() => groupsOf({ site: ["A"] }, [], 1), /by to name columns of site, got none/);
});
