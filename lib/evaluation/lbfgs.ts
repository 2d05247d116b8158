/** Value and gradient of a function at one point. */
export interface ValueAndGradient {
  value: number;
  gradient: Float64Array;
}

/** A function to minimise; asynchronous where it is computed on an engine. */
export type Objective = (point: Float64Array) => ValueAndGradient | Promise<ValueAndGradient>;

/** Options of {@linkcode lbfgs}. */
export interface LbfgsOptions {
  /** How many past steps describe the curvature. Default 10. */
  memory?: number;
  /** Default 100. */
  maxIterations?: number;
  /** Stop when no entry of the gradient exceeds this. Default 1e-5. */
  tolerance?: number;
  /**
   * Relative rounding error of the objective's value; about 1e-7 for one computed in float32. Differences below it say
   * nothing, so steps are then judged by the gradient alone. Default 1e-15.
   */
  valuePrecision?: number;
}

/** Result of {@linkcode lbfgs}. */
export interface LbfgsResult extends ValueAndGradient {
  point: Float64Array;
  iterations: number;
  /** How often the objective was computed. */
  evaluations: number;
  /** The gradient met the tolerance, the iterations were used up, or rounding hides any further descent. */
  stopped: "converged" | "iterations" | "precision";
}

/**
 * Minimises a smooth function by limited-memory BFGS with a strong Wolfe line search.
 *
 * Source: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5 (two-loop recursion), 3.5 and 3.6
 * (line search), constants $c_1 = 10^{-4}$, $c_2 = 0.9$.
 *
 * @param objective Value and gradient at a point; it must not keep or change the array that it is given.
 * @param start Where to begin, `[dim]`; not changed.
 * @returns The best point found, with its value and gradient.
 * @throws {RangeError} If an option is out of range, or value or gradient at `start` is not finite.
 *
 * @example
 * ```ts
 * import { lbfgs } from "braid/evaluation/lbfgs.ts";
 * import assert from "node:assert/strict";
 *
 * const parabola = ([x]: Float64Array) => ({ value: (x - 3) ** 2, gradient: Float64Array.of(2 * (x - 3)) });
 * const { point } = await lbfgs(parabola, Float64Array.of(0));
 * assert.ok(Math.abs(point[0] - 3) < 1e-5);
 * ```
 */
export async function lbfgs(
  objective: Objective,
  start: Float64Array,
  { memory = 10, maxIterations = 100, tolerance = 1e-5, valuePrecision = 1e-15 }: LbfgsOptions = {},
): Promise<LbfgsResult> {
  checkOptions({ memory, maxIterations, tolerance, valuePrecision });
  let evaluations = 0;
  const evaluate = async (point: Float64Array): Promise<ValueAndGradient> => {
    evaluations++;
    return await objective(point);
  };

  let point: Float64Array = Float64Array.from(start);
  let current = await evaluate(point);
  if (!Number.isFinite(current.value) || !current.gradient.every(Number.isFinite)) {
    throw new RangeError(`Expected a finite value and gradient at the start, got value ${current.value}`);
  }
  const curvature: CurvaturePair[] = [];
  let iterations = 0;
  const result = (stopped: LbfgsResult["stopped"]): LbfgsResult => ({
    ...current,
    point,
    iterations,
    evaluations,
    stopped,
  });

  while (largest(current.gradient) > tolerance) {
    if (iterations === maxIterations) return result("iterations");
    const direction = descentDirection(current.gradient, curvature);
    const firstStep = curvature.length > 0 ? 1 : Math.min(1, 1 / norm(current.gradient));
    const found = await lineSearch(evaluate, { point, current, direction, firstStep, valuePrecision });
    if (found === undefined) {
      if (curvature.length === 0) return result("precision");
      curvature.length = 0; // the remembered curvature misleads: try steepest descent once
      continue;
    }
    remember(curvature, memory, {
      step: difference(found.point, point),
      change: difference(found.gradient, current.gradient),
    });
    point = found.point;
    current = { value: found.value, gradient: found.gradient };
    iterations++;
  }
  return result("converged");
}

/** One step taken and how much it changed the gradient. */
interface CurvaturePair {
  step: Float64Array;
  change: Float64Array;
}

function remember(pairs: CurvaturePair[], memory: number, pair: CurvaturePair): void {
  if (!(dot(pair.step, pair.change) > 0)) return; // would make the implied Hessian indefinite
  pairs.push(pair);
  if (pairs.length > memory) pairs.shift();
}

/** $-H g$ with $H$ the inverse Hessian that the remembered pairs imply: the two-loop recursion. */
function descentDirection(gradient: Float64Array, pairs: readonly CurvaturePair[]): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { step, change } = pairs[k];
    alphas[k] = dot(step, q) / dot(step, change);
    addScaled(q, -alphas[k], change);
  }
  const latest = pairs.at(-1);
  if (latest) scale(q, dot(latest.step, latest.change) / dot(latest.change, latest.change));
  pairs.forEach(({ step, change }, k) => addScaled(q, alphas[k] - dot(change, q) / dot(step, change), step));
  return q;
}

/** What the objective does along the search direction at one step length. */
interface Trial extends ValueAndGradient {
  length: number;
  point: Float64Array;
  slope: number;
}

interface LineSearchInput {
  point: Float64Array;
  current: ValueAndGradient;
  direction: Float64Array;
  firstStep: number;
  valuePrecision: number;
}

const SUFFICIENT_DECREASE = 1e-4, CURVATURE = 0.9, MAX_TRIALS = 25, EXPANSION = 4;

/**
 * A step of the strong Wolfe conditions. `low` is always the best step so far and its slope points towards `high`, so an
 * acceptable step lies between them; without `high` the search still runs outwards.
 */
async function lineSearch(
  evaluate: (point: Float64Array) => Promise<ValueAndGradient>,
  { point, current, direction, firstStep, valuePrecision }: LineSearchInput,
): Promise<Trial | undefined> {
  const slope = dot(current.gradient, direction), noise = valuePrecision * Math.abs(current.value);
  let low: Trial = { ...current, point, length: 0, slope }, high: Trial | undefined;
  let length = firstStep;
  for (let trials = 0; trials < MAX_TRIALS; trials++) {
    const trial = await tryStep(evaluate, point, direction, length);
    const enough = trial.value <= current.value + SUFFICIENT_DECREASE * length * slope + noise;
    if (!enough || trial.value > low.value + noise || !Number.isFinite(trial.slope)) {
      high = trial;
    } else if (Math.abs(trial.slope) <= CURVATURE * Math.abs(slope)) {
      return trial;
    } else {
      const outwards = high ? high.length - low.length : 1;
      if (trial.slope * outwards > 0) high = low;
      low = trial;
    }
    length = high ? between(low, high) : EXPANSION * length;
  }
  return low.length > 0 ? low : undefined;
}

async function tryStep(
  evaluate: (point: Float64Array) => Promise<ValueAndGradient>,
  from: Float64Array,
  direction: Float64Array,
  length: number,
): Promise<Trial> {
  const point = from.map((x, i) => x + length * direction[i]);
  const { value, gradient } = await evaluate(point);
  return { value, gradient, point, length, slope: dot(gradient, direction) };
}

/** Minimum of the cubic through both ends, kept off the ends; the middle where there is no such cubic. */
function between(low: Trial, high: Trial): number {
  const width = high.length - low.length;
  const secant = low.slope + high.slope - 3 * (high.value - low.value) / width;
  const root = Math.sign(width) * Math.sqrt(secant * secant - low.slope * high.slope);
  const fraction = 1 - (high.slope + root - secant) / (high.slope - low.slope + 2 * root);
  return low.length + width * (Number.isFinite(fraction) ? Math.min(0.9, Math.max(0.1, fraction)) : 0.5);
}

function checkOptions({ memory, maxIterations, tolerance, valuePrecision }: Required<LbfgsOptions>): void {
  if (!(Number.isInteger(memory) && memory >= 1)) {
    throw new RangeError(`Expected memory to be a positive integer, got ${memory}`);
  }
  if (!(Number.isInteger(maxIterations) && maxIterations >= 0)) {
    throw new RangeError(`Expected maxIterations to be an integer of at least 0, got ${maxIterations}`);
  }
  if (!(tolerance >= 0)) throw new RangeError(`Expected tolerance to be at least 0, got ${tolerance}`);
  if (!(valuePrecision >= 0)) throw new RangeError(`Expected valuePrecision to be at least 0, got ${valuePrecision}`);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * x[i];
}

function scale(target: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] *= factor;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - b[i]);
const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));
const largest = (x: Float64Array): number => x.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
