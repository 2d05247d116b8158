import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { conditionName, conditionsOf } from "braid/evaluation/slice_conditions.ts";
import { worstConjunction } from "braid/evaluation/slice_search.ts";

/** How many standard errors the mean inside is below that outside, with the deviation of all. */
function slowStandardErrors(values: number[], isInside: boolean[]): number {
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const inside = values.filter((_, i) => isInside[i]),
    outside = values.filter((_, i) => !isInside[i]),
    all = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - all) ** 2, 0) / (values.length - 1);
  return (mean(outside) - mean(inside)) / Math.sqrt(variance * (1 / inside.length + 1 / outside.length));
}

Deno.test("worstConjunction() is the worst of the shortest within one standard error of the worst, as a slow search finds it", () => {
  let shorter = 0;
  for (let seed = 0; seed < 30; seed++) {
    const random = randomNumbers(seed, "slices"), n = 120, minimumSupport = 12;
    const draw = (letters: string) => Array.from({ length: n }, () => letters[random.integer(letters.length)]);
    const values = Float64Array.from({ length: n }, () => random.normal());
    const [search, confirm] = [0, 1].map((half) => Int32Array.from({ length: n / 2 }, (_, i) => 2 * i + half));
    const conditions = conditionsOf({ a: draw("xy"), b: draw("uvw"), c: draw("st") }, search, n);
    const { worst } = worstConjunction(values, conditions, [search, confirm], { minimumSupport, maxConditions: 2 });

    const found: { names: string[]; z: number }[] = [];
    for (const [k, one] of conditions.entries()) {
      for (const two of conditions.slice(k)) {
        const isIn = (i: number) => one.holds[i] === 1 && two.holds[i] === 1;
        const enough = (half: Int32Array) => {
          const inside = half.filter(isIn).length;
          return inside >= minimumSupport && half.length - inside >= minimumSupport;
        };
        if (!enough(search) || !enough(confirm)) continue;
        const z = slowStandardErrors(Array.from(search, (i) => values[i]), Array.from(search, isIn));
        found.push({ names: [...new Set([one, two].map(({ condition }) => conditionName(condition)))], z });
      }
    }
    const most = Math.max(...found.map(({ z }) => z)), near = found.filter(({ z }) => z >= most - 1);
    const length = Math.min(...near.map(({ names }) => names.length));
    const want = near.filter(({ names }) => names.length === length).sort((a, b) => b.z - a.z)[0];
    const names = worst!.conditions.map(({ condition }) => conditionName(condition));
    assert.deepEqual(names.toSorted(), want.names.toSorted());
    assert.ok(Math.abs(worst!.standardErrors - want.z) < 1e-9);
    if (want.z < most) shorter++;
  }
  assert.ok(shorter > 3, `a longer one was worse in ${shorter} of 30`);
});

Deno.test("conditionsOf() cuts numbers at the deciles of the searched samples, and takes few numbers as values", () => {
  const age = Array.from({ length: 40 }, (_, i) => i < 21 ? i : 1000), grade = age.map((_, i) => i % 3);
  const search = Int32Array.from({ length: 21 }, (_, i) => i);
  const names = conditionsOf({ age, grade }, search, 40).map(({ condition }) => conditionName(condition));
  assert.deepEqual(names, [
    ...[2, 4, 6, 8, 10, 12, 14, 16, 18].flatMap((cut) => [`age ≤ ${cut}`, `age > ${cut}`]),
    ...["grade = 0", "grade = 1", "grade = 2"],
  ]);
});

Deno.test("conditionsOf() puts a missing number on neither side of a cut", () => {
  const age = [...Array.from({ length: 20 }, (_, i) => i), null, NaN];
  const conditions = conditionsOf({ age }, Int32Array.from(age.keys()), 22);
  const missing = conditions.filter(({ holds }) => holds[20] && holds[21]).map(({ condition }) =>
    conditionName(condition)
  );
  assert.deepEqual(missing, ["age = missing"]);
});
