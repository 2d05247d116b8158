import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { lbfgs, type ValueAndGradient } from "braid/evaluation/lbfgs.ts";

const largest = (x: Float64Array) => Math.max(...x.map(Math.abs));

/** $\sum_i s_i (x_i - t_i)^2$ after a rotation of neighbouring coordinates, so that the axes mix. */
function quadratic(scales: number[], target: number[]) {
  return (x: Float64Array): ValueAndGradient => {
    const gradient = new Float64Array(x.length);
    let value = 0;
    for (let i = 0; i < x.length; i++) {
      const j = (i + 1) % x.length, r = 0.6 * (x[i] - target[i]) + 0.8 * (x[j] - target[j]);
      value += scales[i] * r * r;
      gradient[i] += 2 * scales[i] * r * 0.6;
      gradient[j] += 2 * scales[i] * r * 0.8;
    }
    return { value, gradient };
  };
}

/** $\sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2$, least at all ones. */
function rosenbrock(x: Float64Array): ValueAndGradient {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const valley = x[i + 1] - x[i] ** 2;
    value += 100 * valley ** 2 + (1 - x[i]) ** 2;
    gradient[i] -= 400 * x[i] * valley + 2 * (1 - x[i]);
    gradient[i + 1] += 200 * valley;
  }
  return { value, gradient };
}

Deno.test("lbfgs() finds the minimum of a badly scaled quadratic", async () => {
  const target = [3, -1, 4, 1, -5, 9, 2, -6], scales = target.map((_, i) => 10 ** (i / 2));
  const { point, stopped } = await lbfgs(quadratic(scales, target), new Float64Array(8), { tolerance: 1e-9 });
  assert.equal(stopped, "converged");
  target.forEach((t, i) => assert.ok(Math.abs(point[i] - t) < 1e-7, `x[${i}] = ${point[i]}, want ${t}`));
});

for (const dim of [2, 20]) {
  Deno.test(`lbfgs() follows the curved valley of Rosenbrock's function in ${dim} dimensions`, async () => {
    const start = Float64Array.from({ length: dim }, (_, i) => i % 2 ? 1 : -1.2);
    const { point, stopped, evaluations } = await lbfgs(rosenbrock, start, { maxIterations: 300, tolerance: 1e-8 });
    assert.equal(stopped, "converged");
    assert.ok(largest(point.map((x) => x - 1)) < 1e-6);
    assert.ok(evaluations < 300, `${evaluations} evaluations`);
  });
}

Deno.test("lbfgs() reaches the gradient tolerance on a convex logistic loss, also when it is asynchronous", async () => {
  const random = randomNumbers(3, "logistic");
  const rows = Array.from({ length: 60 }, () => Array.from({ length: 5 }, random.normal));
  const signs = rows.map((row) => row[0] - 2 * row[3] + random.normal() > 0 ? 1 : -1);
  const loss = async (w: Float64Array): Promise<ValueAndGradient> => {
    await Promise.resolve();
    const gradient = w.map((x) => 0.1 * x);
    let value = 0.05 * w.reduce((sum, x) => sum + x * x, 0);
    rows.forEach((row, i) => {
      const margin = signs[i] * row.reduce((sum, x, d) => sum + x * w[d], 0);
      value += Math.log1p(Math.exp(-margin));
      row.forEach((x, d) => gradient[d] -= signs[i] * x / (1 + Math.exp(margin)));
    });
    return { value, gradient };
  };
  const { point, gradient } = await lbfgs(loss, new Float64Array(5), { tolerance: 1e-8 });
  assert.ok(largest(gradient) <= 1e-8);
  assert.ok(largest((await loss(point)).gradient) <= 1e-8);
});

Deno.test("lbfgs() steps back from where the function is not finite", async () => {
  const barrier = ([x]: Float64Array) => ({ value: x - 5 * Math.log(x), gradient: Float64Array.of(1 - 5 / x) });
  const { point } = await lbfgs(barrier, Float64Array.of(0.01)); // NaN for x < 0
  assert.ok(Math.abs(point[0] - 5) < 1e-3);
});

Deno.test("lbfgs() steps back from where only the gradient is not finite", async () => {
  const edge = ([x]: Float64Array) => ({
    value: x > 1.6 ? -9 : Math.exp(x) - 4 * x, // tempting
    gradient: Float64Array.of(x > 1.6 ? NaN : Math.exp(x) - 4),
  });
  const { point, stopped } = await lbfgs(edge, Float64Array.of(0)); // the second step ends at 1.75
  assert.equal(stopped, "converged");
  assert.ok(Math.abs(point[0] - Math.log(4)) < 1e-5);
});

Deno.test("lbfgs() turns back within one search when a step ends low on the far wall", async () => {
  const wall = ([x]: Float64Array) => ({
    value: Math.exp(8 * (x - 1.1)) - x,
    gradient: Float64Array.of(8 * Math.exp(8 * (x - 1.1)) - 1),
  });
  const { point, evaluations } = await lbfgs(wall, Float64Array.of(0)); // the first step ends at 1, past the minimum
  assert.ok(Math.abs(point[0] - (1.1 - Math.log(8) / 8)) < 1e-5);
  assert.ok(evaluations < 15, `${evaluations} evaluations`);
});

Deno.test("lbfgs() still meets the gradient tolerance when the value is known to float32 only", async () => {
  const target = [3, -1, 4, 1], exact = quadratic([1, 10, 100, 1000], target);
  const coarse = (x: Float64Array) => ({ ...exact(x), value: Math.fround(1000 + exact(x).value) });
  const options = { tolerance: 1e-6, valuePrecision: 1e-7 };
  const { point, stopped } = await lbfgs(coarse, new Float64Array(4), options);
  assert.equal(stopped, "converged");
  target.forEach((t, i) => assert.ok(Math.abs(point[i] - t) < 1e-5));
});

Deno.test("lbfgs() says when rounding hides any further descent", async () => {
  const flat = (x: Float64Array) => ({ value: Math.round(x[0]), gradient: Float64Array.of(-1) }); // claims to descend
  assert.equal((await lbfgs(flat, Float64Array.of(0))).stopped, "precision");
});

Deno.test("lbfgs() stays at a minimum, stops after its iterations and keeps the start as it was", async () => {
  const start = Float64Array.of(-1.2, 1);
  assert.equal((await lbfgs(rosenbrock, Float64Array.of(1, 1))).iterations, 0);
  const stopped = await lbfgs(rosenbrock, start, { maxIterations: 3 });
  assert.deepEqual([stopped.stopped, stopped.iterations], ["iterations", 3]);
  assert.ok(stopped.value < rosenbrock(start).value);
  assert.deepEqual([...start], [-1.2, 1]);
});

Deno.test("lbfgs() says what is wrong with its input", async () => {
  const start = Float64Array.of(0, 0), nan = () => ({ value: NaN, gradient: Float64Array.of(0, 0) });
  await assert.rejects(lbfgs(nan, start), /finite value and gradient at the start, got value NaN/);
  await assert.rejects(lbfgs(rosenbrock, start, { memory: 0 }), /memory to be a positive integer, got 0/);
  await assert.rejects(lbfgs(rosenbrock, start, { maxIterations: 1.5 }), /maxIterations .* got 1.5/);
  await assert.rejects(lbfgs(rosenbrock, start, { tolerance: NaN }), /tolerance to be at least 0, got NaN/);
});
