// The convex program behind BROJA's decomposition, by a primal-dual interior-point method.

import { BlockCholesky } from "./block_cholesky.ts";

/** A solution of {@linkcode leastJointInformation}, with its certificate. */
export interface LeastJointInformation {
  /** $q(x_1, x_2, y)$. */
  q: number[][][];
  /** How far $-H_q(Y \mid X_1, X_2)$ is above the true minimum at most, in nats. */
  gap: number;
}

/** A path ends at the latest after so many steps, or when so many have not narrowed the gap. */
const MAX_STEPS = 100, STALLED = 15;
/**
 * Each step aims at this part of the present $\mu$ at least. The first is the fastest; where it is led astray, as in some
 * tables with probabilities near 0, the path starts again and keeps closer to its centre.
 */
const CENTRINGS = [0.01, 0.1, 0.3];
/** A step goes so far towards the boundary, and changes no price by more than so many nats. */
const TO_BOUNDARY = 0.99, LARGEST_CHANGE = 10;
/** Marginals of a result are off by rounding alone. */
const MARGINAL_TOLERANCE = 1e-9;

/**
 * The distribution $q(x_1, x_2, y)$ of least $I_q(X_1, X_2; Y)$ with the marginals `first` and `second`.
 *
 * As $H(Y)$ is fixed, this minimises $f(q) = \sum q \ln q(y \mid x_1, x_2)$ under $\sum_{x_2} q = p(x_1, y)$,
 * $\sum_{x_1} q = p(x_2, y)$, $q \ge 0$. The dual program has a price for each constraint and one inequality for each pair
 * of states: it minimises $\sum p\,\alpha(x_1, y) + \sum p\,\beta(x_2, y)$ under
 *
 * $$s(x_1, x_2) = -\ln \sum_y e^{-\alpha - \beta} \ge 0, \qquad q = q(x_1, x_2)\, e^{-\alpha - \beta + s}$$
 *
 * with $q(x_1, x_2)$ as multipliers. Steps of Newton's method, predicted and corrected, follow the central path
 * $q(x_1, x_2)\, s = \mu$. Each takes one factorisation, in which the prices $\alpha$ are eliminated before $\beta$.
 *
 * The linear equations of a step give a $q$ with the very marginals; as far as it is below 0, it is mixed with the
 * distribution of sources independent given y. By duality any prices bound the minimum from below, by
 * $-\sum p\,\alpha - \sum p\,\beta + \min s$, which certifies the result.
 *
 * Source: the program of Bertschinger et al. 2014; the steps of Boyd & Vandenberghe 2004, section 11.7, and Mehrotra 1992.
 *
 * @param first `[x1][y]`, $p(x_1, y)$.
 * @param second `[x2][y]`, $p(x_2, y)$, of the same $p(y)$.
 * @param largestGap The search ends when the gap is this small, in nats.
 * @returns The best distribution found; its gap is larger, or not a number, where rounding was in the way.
 */
export function leastJointInformation(
  first: number[][],
  second: number[][],
  largestGap = 1e-7,
): LeastJointInformation {
  if (first.length < second.length) { // the last prices to be eliminated take most of the time: let them be few
    const { q, gap } = leastJointInformation(second, first, largestGap);
    return { q: first.map((_, a) => second.map((_, b) => q[b][a])), gap };
  }
  const along = (centring: number) => new CentralPath(first, second).follow(centring, largestGap);
  let best = along(CENTRINGS[0]);
  for (const centring of CENTRINGS.slice(1)) {
    if (best.gap <= largestGap) break;
    const found = along(centring);
    if (found.gap < best.gap) best = found;
  }
  return best;
}

/** Changes of prices, and of q(x1, x2) and its slack for every pair. */
interface Direction {
  prices: Float64Array;
  totals: Float64Array;
  slack: Float64Array;
}

/** Primal and dual variables on their way. */
class CentralPath {
  readonly #states: [n1: number, n2: number, classes: number];
  /** $p(x_1, y)$ `[x1, y]`, then $p(x_2, y)$ `[x2, y]`; the prices $\alpha$, $\beta$ of these constraints. */
  readonly #marginals: Float64Array;
  readonly #prices: Float64Array;
  /** Of every cell (x1, x2, y) that can have probability: its two constraints, and its pair of states. */
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  readonly #pair: Int32Array;
  /** Cells: $q$ if the sources were independent given y, which is inside of all bounds; $q(y \mid x_1, x_2)$. */
  readonly #independent: Float64Array;
  readonly #conditional: Float64Array;
  /** Pairs: $q(x_1, x_2)$; $s$; and how far $-\ln \sum_y e^{-\alpha - \beta}$ is above $s$. */
  readonly #totals: Float64Array;
  readonly #slack: Float64Array;
  readonly #slackErrors: Float64Array;
  readonly #system: BlockCholesky;
  /** Per class one constraint of the second source follows from all others. */
  readonly #redundant: number[];

  constructor(first: number[][], second: number[][]) {
    const [n1, n2, classes] = this.#states = [first.length, second.length, first[0].length];
    const target = first[0].map((_, y) => first.reduce((sum, row) => sum + row[y], 0));
    const cells: { i: number; j: number; pair: number; independent: number }[] = [];
    let pairs = 0;
    for (let a = 0; a < n1; a++) {
      for (let b = 0; b < n2; b++) {
        const before = cells.length;
        for (let y = 0; y < classes; y++) {
          const independent = first[a][y] * second[b][y] / target[y];
          if (independent > 0) cells.push({ i: a * classes + y, j: (n1 + b) * classes + y, pair: pairs, independent });
        }
        if (cells.length > before) pairs++;
      }
    }
    this.#first = Int32Array.from(cells, ({ i }) => i);
    this.#second = Int32Array.from(cells, ({ j }) => j);
    this.#pair = Int32Array.from(cells, ({ pair }) => pair);
    this.#independent = Float64Array.from(cells, ({ independent }) => independent);
    this.#conditional = new Float64Array(cells.length);

    // The path begins at the independent distribution.
    const sums = [...first, ...second].map((row) => row.reduce((sum, value) => sum + value, 0));
    this.#marginals = Float64Array.from([...first, ...second].flat());
    this.#prices = this.#marginals.map((p, k) => {
      const share = p / sums[Math.floor(k / classes)] / (k < n1 * classes ? 1 : target[k % classes]);
      return p > 0 ? -Math.log(share) : 0;
    });
    this.#totals = new Float64Array(pairs);
    this.#independent.forEach((q, cell) => this.#totals[this.#pair[cell]] += q);
    this.#slack = new Float64Array(pairs).fill(1);
    this.#slackErrors = new Float64Array(pairs);
    this.#system = new BlockCholesky(n1, classes, n2 * classes);
    this.#redundant = target.flatMap((p, y) => p > 0 ? second.findIndex((row) => row[y] > 0) * classes + y : []);
    this.#evaluate();
  }

  /** The best point on the way. */
  follow(centring: number, largestGap: number): LeastJointInformation {
    let q = this.#independent, gap = this.#gap(q);
    for (let steps = 0, stalled = 0; gap > largestGap && steps < MAX_STEPS && stalled < STALLED; steps++) {
      const found = this.#step(centring), foundGap = this.#gap(found);
      stalled = foundGap < 0.9 * gap ? 0 : stalled + 1;
      if (foundGap < gap) [q, gap] = [found, foundGap];
    }
    return { q: this.#table(q), gap };
  }

  /** One step towards a smaller $\mu$; returns a distribution with the right marginals. */
  #step(centring: number): Float64Array {
    this.#factorise();
    const mu = this.#complementarity(), targets = new Float64Array(this.#totals.length);
    const ahead = this.#along(this.#priceChanges(targets).map(limited), targets);
    const predicted = this.#complementarity(ahead, this.#longest(ahead, 1));
    const target = mu * Math.max(centring, (predicted / mu) ** 3);
    for (let k = 0; k < targets.length; k++) targets[k] = target - ahead.totals[k] * ahead.slack[k];

    const changes = this.#priceChanges(targets), q = this.#feasible(this.#along(changes, targets));
    const direction = this.#along(changes.map(limited), targets), length = this.#longest(direction, TO_BOUNDARY);
    add(this.#prices, direction.prices, length);
    add(this.#totals, direction.totals, length);
    add(this.#slack, direction.slack, length);
    this.#evaluate();
    return q;
  }

  /** Objective of a distribution less the bound of the present prices: never below 0 but for rounding. */
  #gap(q: Float64Array): number {
    const errors = this.#marginals.slice(), totals = new Float64Array(this.#totals.length);
    for (let cell = 0; cell < q.length; cell++) {
      errors[this.#first[cell]] -= q[cell];
      errors[this.#second[cell]] -= q[cell];
      totals[this.#pair[cell]] += q[cell];
    }
    if (!errors.every((error) => Math.abs(error) <= MARGINAL_TOLERANCE)) return Infinity;

    let gap = 0, slack = Infinity;
    for (let cell = 0; cell < q.length; cell++) {
      if (q[cell] > 0) gap += q[cell] * Math.log(q[cell] / totals[this.#pair[cell]]);
    }
    for (let k = 0; k < errors.length; k++) gap += this.#marginals[k] * this.#prices[k];
    for (let k = 0; k < totals.length; k++) slack = Math.min(slack, this.#slack[k] + this.#slackErrors[k]);
    return gap - slack;
  }

  /** What follows from the prices. */
  #evaluate(): void {
    const conditional = this.#conditional, pair = this.#pair, sums = new Float64Array(this.#totals.length);
    for (let cell = 0; cell < pair.length; cell++) {
      conditional[cell] = Math.exp(-this.#prices[this.#first[cell]] - this.#prices[this.#second[cell]]);
      sums[pair[cell]] += conditional[cell];
    }
    for (let cell = 0; cell < pair.length; cell++) conditional[cell] /= sums[pair[cell]];
    for (let k = 0; k < sums.length; k++) this.#slackErrors[k] = -Math.log(sums[k]) - this.#slack[k];
  }

  /** $\mu$: the mean of $q(x_1, x_2)\, s$, here or some way along a direction. */
  #complementarity(direction?: Direction, length = 0): number {
    let sum = 0;
    for (let k = 0; k < this.#totals.length; k++) {
      const total = this.#totals[k] + length * (direction?.totals[k] ?? 0);
      sum += total * (this.#slack[k] + length * (direction?.slack[k] ?? 0));
    }
    return sum / this.#totals.length;
  }

  /**
   * Newton's equations for the prices. In each pair of states the derivative of $-q$ by the prices is
   * $q(x_1, x_2) (\operatorname{diag}(c) + (1 / s - 1)\, c c^\top)$ with $c = q(y \mid x_1, x_2)$.
   */
  #factorise(): void {
    const system = this.#system, { blocks, rows, width, leading } = system, [, , classes] = this.#states;
    const first = this.#first, second = this.#second, pair = this.#pair, conditional = this.#conditional;
    system.clear();
    for (let start = 0, end = 0; start < pair.length; start = end) {
      const total = this.#totals[pair[start]], shared = total * (1 / this.#slack[pair[start]] - 1);
      const block = first[start] - first[start] % classes;
      while (end < pair.length && pair[end] === pair[start]) end++;
      for (let cell = start; cell < end; cell++) {
        const row = (second[cell] - leading) * width;
        for (let other = start; other < end; other++) {
          const value = conditional[cell] * (shared * conditional[other] + (cell === other ? total : 0));
          blocks[first[cell] * classes + first[other] - block] += value;
          rows[row + first[other]] += value;
          rows[row + second[other]] += value;
        }
      }
    }
    for (const row of this.#redundant) system.hold(row);
    system.factorise();
  }

  /** The changes of the prices by which the marginals are met and $q(x_1, x_2)\, s$ comes to its target. */
  #priceChanges(targets: Float64Array): Float64Array {
    const changes = this.#marginals.map((p) => -p), pair = this.#pair;
    const totals = targets.map((target, k) => (target - this.#totals[k] * this.#slackErrors[k]) / this.#slack[k]);
    for (let cell = 0; cell < pair.length; cell++) {
      const q = totals[pair[cell]] * this.#conditional[cell];
      changes[this.#first[cell]] += q;
      changes[this.#second[cell]] += q;
    }
    this.#system.solve(changes);
    return changes;
  }

  /** What follows from changes of the prices, to first order. */
  #along(prices: Float64Array, targets: Float64Array): Direction {
    const slack = this.#slackErrors.slice(), pair = this.#pair;
    for (let cell = 0; cell < pair.length; cell++) {
      slack[pair[cell]] += this.#conditional[cell] * (prices[this.#first[cell]] + prices[this.#second[cell]]);
    }
    const totals = slack.map((ds, k) => (targets[k] - this.#totals[k] * ds) / this.#slack[k] - this.#totals[k]);
    return { prices, totals, slack };
  }

  /** $q$ at the end of a direction, to first order, and as far as that is below 0 mixed with the independent one. */
  #feasible({ prices, totals, slack }: Direction): Float64Array {
    const independent = this.#independent, q = new Float64Array(independent.length);
    let mixed = 0;
    for (let cell = 0; cell < q.length; cell++) {
      const k = this.#pair[cell], change = prices[this.#first[cell]] + prices[this.#second[cell]];
      const mean = slack[k] - this.#slackErrors[k];
      q[cell] = this.#conditional[cell] * (totals[k] + this.#totals[k] * (1 + mean - change));
      if (q[cell] < 0) mixed = Math.max(mixed, q[cell] / (q[cell] - independent[cell]));
    }
    return mixed > 0 ? q.map((value, cell) => Math.max(0, value + mixed * (independent[cell] - value))) : q;
  }

  /** How far a direction leads, 1 at most, if it is to go only a part of the way to where a total or slack is 0. */
  #longest({ totals, slack }: Direction, part: number): number {
    return Math.min(1, part * Math.min(stepTo(this.#totals, totals), stepTo(this.#slack, slack)));
  }

  #table(q: Float64Array): number[][][] {
    const [n1, n2, classes] = this.#states;
    const table = Array.from(
      { length: n1 },
      () => Array.from({ length: n2 }, () => new Array<number>(classes).fill(0)),
    );
    q.forEach((value, cell) => {
      const i = this.#first[cell], j = this.#second[cell];
      table[Math.floor(i / classes)][Math.floor(j / classes) - n1][i % classes] = value;
    });
    return table;
  }
}

const limited = (change: number): number => Math.max(-LARGEST_CHANGE, Math.min(LARGEST_CHANGE, change));

function add(x: Float64Array, dx: Float64Array, length: number): void {
  for (let k = 0; k < x.length; k++) x[k] += length * dx[k];
}

/** The longest step that keeps x at 0 or above. */
function stepTo(x: Float64Array, dx: Float64Array): number {
  let length = Infinity;
  for (let k = 0; k < x.length; k++) if (dx[k] < 0) length = Math.min(length, -x[k] / dx[k]);
  return length;
}
