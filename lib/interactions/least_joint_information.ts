// The convex program behind BROJA's decomposition, by a primal-dual interior-point method.

/** A solution of {@linkcode leastJointInformation}, with its certificate. */
export interface LeastJointInformation {
  /** $q(x_1, x_2, y)$. */
  q: number[][][];
  /** How far $-H_q(Y \mid X_1, X_2)$ is above the true minimum at most, in nats. */
  gap: number;
}

/** Iteration ends at the latest after so many steps, or when so many have not closed the gap. */
const MAX_ITERATIONS = 200, STALLED = 40;
/**
 * Each step aims at this part of the present $\mu$. The first is the fastest; where it is led astray, as some tables with an
 * optimum on the boundary do, the path starts again and keeps closer to its centre.
 */
const CENTRINGS = [0.1, 0.3, 0.5];

/**
 * The distribution $q(x_1, x_2, y)$ of least $I_q(X_1, X_2; Y)$ with the marginals `first` and `second`.
 *
 * As $H(Y)$ is fixed, this minimises $f(q) = \sum q \ln q(y \mid x_1, x_2)$ under $\sum_{x_2} q = p(x_1, y)$,
 * $\sum_{x_1} q = p(x_2, y)$, $q \ge 0$. Newton's steps follow the central path $q z = \mu$ of its conditions
 * $\nabla f + \alpha(x_1, y) + \beta(x_2, y) = z$. The Hessian couples only the classes of one cell
 * $(x_1, x_2)$, there as a diagonal less $1 / q(x_1, x_2)$, so it is inverted in closed form, and the steps of $\alpha$
 * are eliminated before those of $\beta$. A step is halved until the conditions are closer to being met.
 *
 * By duality every $\alpha, \beta$ gives the lower bound
 * $-\sum p\,\alpha - \sum p\,\beta - \max_{x_1, x_2} \ln \sum_y e^{-\alpha - \beta}$, which certifies the result.
 *
 * Source: the program of Bertschinger et al. 2014; the steps of Boyd & Vandenberghe 2004, section 11.7.
 *
 * @param first `[x1][y]`, $p(x_1, y)$.
 * @param second `[x2][y]`, $p(x_2, y)$, of the same $p(y)$.
 * @param largestGap Iteration ends when the gap is this small, in nats.
 * @returns The best distribution found; its gap is larger, or not a number, where rounding was in the way.
 */
export function leastJointInformation(
  first: number[][],
  second: number[][],
  largestGap = 1e-7,
): LeastJointInformation {
  const along = (centring: number) => follow(new CentralPath(first, second), centring, largestGap);
  let best = along(CENTRINGS[0]);
  for (const centring of CENTRINGS.slice(1)) {
    if (best.gap <= largestGap) break;
    const found = along(centring);
    if (found.gap < best.gap) best = found;
  }
  return best;
}

/** The best point on the way. */
function follow(path: CentralPath, centring: number, largestGap: number): LeastJointInformation {
  let best = path.gap(), q = path.table();
  for (
    let iteration = 0, stalled = 0;
    best > largestGap && iteration < MAX_ITERATIONS && stalled < STALLED;
    iteration++
  ) {
    path.step(centring);
    const gap = path.gap();
    if (gap < best) {
      stalled = gap < 0.9 * best ? 0 : stalled + 1;
      [best, q] = [gap, path.table()];
    } else stalled++;
  }
  return { q, gap: best };
}

/** Primal and dual variables on their way. Arrays over cells are `[x1, x2, y]`, flat; impossible ones hold 0. */
class CentralPath {
  readonly #n1: number;
  readonly #n2: number;
  readonly #classes: number;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** The cells that can have probability: those with both marginals above 0. */
  readonly cells: Int32Array;
  /** Per class one constraint of the second source follows from all others. */
  readonly #redundant: Set<number>;
  readonly q: Float64Array;
  readonly z: Float64Array;
  readonly #alpha: Float64Array;
  readonly #beta: Float64Array;

  constructor(first: number[][], second: number[][]) {
    const [n1, n2, classes] = [first.length, second.length, first[0].length];
    [this.#n1, this.#n2, this.#classes] = [n1, n2, classes];
    [this.#first, this.#second] = [Float64Array.from(first.flat()), Float64Array.from(second.flat())];
    [this.#alpha, this.#beta] = [new Float64Array(n1 * classes), new Float64Array(n2 * classes)];
    this.q = new Float64Array(n1 * n2 * classes);
    this.z = new Float64Array(n1 * n2 * classes);
    const target = first[0].map((_, y) => first.reduce((sum, row) => sum + row[y], 0));
    const cells: number[] = [];
    this.#eachCell((cell, i, j, y) => {
      if (!(this.#first[i] > 0 && this.#second[j] > 0)) return;
      cells.push(cell);
      this.q[cell] = this.#first[i] * this.#second[j] / target[y]; // independent given y: strictly inside
      this.z[cell] = 1;
    });
    this.cells = Int32Array.from(cells);
    this.#redundant = new Set(target.map((_, y) => second.findIndex((row) => row[y] > 0) * classes + y));
  }

  table(): number[][][] {
    const [n2, classes] = [this.#n2, this.#classes];
    return Array.from(
      { length: this.#n1 },
      (_, a) =>
        Array.from({ length: n2 }, (_, b) => [...this.q.subarray((a * n2 + b) * classes, (a * n2 + b + 1) * classes)]),
    );
  }

  /** Objective less the dual bound: never below 0 but for rounding. */
  gap(): number {
    let primal = 0, dual = 0, largest = -Infinity;
    const slopes = this.#slopes();
    for (const cell of this.cells) {
      primal += this.q[cell] * this.#logConditional(cell);
    }
    for (let pair = 0; pair < this.#n1 * this.#n2; pair++) {
      let sum = 0;
      for (let cell = pair * this.#classes; cell < (pair + 1) * this.#classes; cell++) {
        if (this.q[cell] > 0) sum += Math.exp(-slopes[cell]);
      }
      if (sum > 0) largest = Math.max(largest, Math.log(sum));
    }
    this.#first.forEach((p, i) => dual -= p * this.#alpha[i]);
    this.#second.forEach((p, j) => dual -= p * this.#beta[j]);
    return primal - (dual - largest);
  }

  /** One Newton step towards a part of the present $\mu$, as long as the residual of the conditions allows. */
  step(centring: number): void {
    const { q, z, cells } = this;
    const system = new NewtonSystem(q, z, cells, [this.#n1, this.#n2, this.#classes], this.#redundant);
    const target = centring * this.#complementarity();
    const slopes = this.#slopes(), g = new Float64Array(q.length), { first, second } = this.#marginalErrors();
    for (const cell of cells) g[cell] = target / q[cell] - this.#logConditional(cell) - slopes[cell];
    const { dq, dAlpha, dBeta } = system.solve(g, first, second), dz = new Float64Array(q.length);
    for (const cell of cells) dz[cell] = (target - z[cell] * dq[cell]) / q[cell] - z[cell];

    const before = this.#residual(target);
    let step = Math.min(1, 0.99 * Math.min(stepTo(q, dq), stepTo(z, dz))), taken = 0;
    for (let halvings = 0; halvings < 30; halvings++, step /= 2) {
      for (const [x, dx] of [[q, dq], [z, dz], [this.#alpha, dAlpha], [this.#beta, dBeta]]) {
        for (let i = 0; i < x.length; i++) x[i] += (step - taken) * dx[i];
      }
      taken = step;
      if (this.#residual(target) <= (1 - 0.01 * step) * before) return;
    }
  }

  /** $\mu$: the mean of $q z$. */
  #complementarity(): number {
    let sum = 0;
    for (const cell of this.cells) sum += this.q[cell] * this.z[cell];
    return sum / this.cells.length;
  }

  /** How far the conditions are from being met, each cell's in units of its probability. */
  #residual(target: number): number {
    const { q, z } = this, slopes = this.#slopes();
    let sum = 0;
    for (const cell of this.cells) {
      sum += (q[cell] * (this.#logConditional(cell) + slopes[cell] - z[cell])) ** 2 + (q[cell] * z[cell] - target) ** 2;
    }
    return Math.sqrt(sum);
  }

  /** $\alpha(x_1, y) + \beta(x_2, y)$ of every cell. */
  #slopes(): Float64Array {
    const slopes = new Float64Array(this.q.length);
    this.#eachCell((cell, i, j) => slopes[cell] = this.#alpha[i] + this.#beta[j]);
    return slopes;
  }

  /** $\ln q(y \mid x_1, x_2)$, the gradient of $f$. */
  #logConditional(cell: number): number {
    const start = cell - cell % this.#classes;
    let total = 0;
    for (let other = start; other < start + this.#classes; other++) total += this.q[other];
    return Math.log(this.q[cell] / total);
  }

  /** What rounding has taken off the marginals. */
  #marginalErrors(): { first: Float64Array; second: Float64Array } {
    const first = this.#first.slice(), second = this.#second.slice();
    this.#eachCell((cell, i, j) => {
      first[i] -= this.q[cell];
      second[j] -= this.q[cell];
    });
    return { first, second };
  }

  #eachCell(visit: (cell: number, i: number, j: number, y: number) => void): void {
    eachCell([this.#n1, this.#n2, this.#classes], visit);
  }
}

type Sizes = [n1: number, n2: number, classes: number];

/** Visits every cell with the indices of its two constraints, `[x1, y]` and `[x2, y]`. */
function eachCell([n1, n2, classes]: Sizes, visit: (cell: number, i: number, j: number, y: number) => void): void {
  for (let a = 0, cell = 0; a < n1; a++) {
    for (let b = 0; b < n2; b++) {
      for (let y = 0; y < classes; y++, cell++) visit(cell, a * classes + y, b * classes + y, y);
    }
  }
}

/** The longest step that keeps x at 0 or above. */
function stepTo(x: Float64Array, dx: Float64Array): number {
  let length = Infinity;
  for (let i = 0; i < x.length; i++) if (dx[i] < 0) length = Math.min(length, -x[i] / dx[i]);
  return length;
}

/** $(\nabla^2 f + Z / Q)\, dq + A^\top d\lambda = g$, $A\, dq = r$, factorised once. */
class NewtonSystem {
  readonly #sizes: Sizes;
  readonly #cells: Int32Array;
  readonly #redundant: Set<number>;
  /** The inverse Hessian is diag(w) + u uᵀ within each (x1, x2). */
  readonly #w: Float64Array;
  readonly #u: Float64Array;
  /** Cholesky factors of the blocks of α, `[x1][y, y]`; those times the coupling to β, `[x1][y, x2 y]`; and of what is left. */
  readonly #blocks: Float64Array[];
  readonly #coupling: Float64Array[];
  readonly #rest: Float64Array;

  constructor(q: Float64Array, z: Float64Array, cells: Int32Array, sizes: Sizes, redundant: Set<number>) {
    const [n1, n2, classes] = sizes;
    this.#sizes = sizes;
    this.#cells = cells;
    this.#redundant = redundant;
    this.#w = new Float64Array(q.length);
    this.#u = new Float64Array(q.length);
    const slack = new Float64Array(n1 * n2); // q(x1, x2) - Σ w, without cancellation
    for (const cell of cells) {
      this.#w[cell] = q[cell] / (1 + z[cell]);
      slack[Math.floor(cell / classes)] += q[cell] * z[cell] / (1 + z[cell]);
    }
    for (const cell of cells) this.#u[cell] = this.#w[cell] / Math.sqrt(slack[Math.floor(cell / classes)]);

    const columns = n2 * classes, rest = new Float64Array(columns * columns);
    this.#blocks = Array.from({ length: n1 }, (_, a) => this.#block(a));
    this.#coupling = this.#blocks.map((block, a) => this.#couple(block, a));
    this.#addSecond(rest);
    for (const coupling of this.#coupling) subtractSquare(rest, coupling, columns, classes);
    for (let j = 0; j < columns; j++) {
      if (redundant.has(j)) isolate(rest, j, columns);
    }
    this.#rest = cholesky(rest, columns);
  }

  solve(g: Float64Array, first: Float64Array, second: Float64Array) {
    const [n1, n2, classes] = this.#sizes, columns = n2 * classes;
    const dAlpha = first.map((r) => -r), dBeta = second.map((r) => -r);
    const step = this.#inverseHessian(g);
    eachCell(this.#sizes, (cell, i, j) => {
      dAlpha[i] += step[cell];
      dBeta[j] += step[cell];
    });
    for (let a = 0; a < n1; a++) {
      const part = dAlpha.subarray(a * classes, (a + 1) * classes), coupling = this.#coupling[a];
      solveLower(this.#blocks[a], part, classes);
      for (let y = 0; y < classes; y++) {
        for (let j = 0; j < columns; j++) dBeta[j] -= coupling[y * columns + j] * part[y];
      }
    }
    for (const j of this.#redundant) dBeta[j] = 0;
    solveLower(this.#rest, dBeta, columns);
    solveUpper(this.#rest, dBeta, columns);
    for (let a = 0; a < n1; a++) {
      const part = dAlpha.subarray(a * classes, (a + 1) * classes), coupling = this.#coupling[a];
      for (let y = 0; y < classes; y++) {
        for (let j = 0; j < columns; j++) part[y] -= coupling[y * columns + j] * dBeta[j];
      }
      solveUpper(this.#blocks[a], part, classes);
    }
    const left = g.slice();
    eachCell(this.#sizes, (cell, i, j) => left[cell] -= dAlpha[i] + dBeta[j]);
    return { dq: this.#inverseHessian(left), dAlpha, dBeta };
  }

  #inverseHessian(g: Float64Array): Float64Array {
    const [n1, n2, classes] = this.#sizes, along = new Float64Array(n1 * n2), out = new Float64Array(g.length);
    for (const cell of this.#cells) along[Math.floor(cell / classes)] += this.#u[cell] * g[cell];
    for (const cell of this.#cells) {
      out[cell] = this.#w[cell] * g[cell] + this.#u[cell] * along[Math.floor(cell / classes)];
    }
    return out;
  }

  /** The factor of the block of one state of the first source. */
  #block(a: number): Float64Array {
    const [, n2, classes] = this.#sizes, block = new Float64Array(classes * classes);
    for (let b = 0; b < n2; b++) addPair(block, 0, classes, this.#w, this.#u, (a * n2 + b) * classes, classes);
    return cholesky(block, classes);
  }

  /** The factor's inverse times the block's coupling to all constraints of the second source. */
  #couple(block: Float64Array, a: number): Float64Array {
    const [, n2, classes] = this.#sizes, columns = n2 * classes, coupling = new Float64Array(classes * columns);
    for (let b = 0; b < n2; b++) {
      addPair(coupling, b * classes, columns, this.#w, this.#u, (a * n2 + b) * classes, classes);
    }
    for (let i = 0; i < classes; i++) {
      for (let k = 0; k < i; k++) {
        const factor = block[i * classes + k];
        for (let j = 0; j < columns; j++) coupling[i * columns + j] -= factor * coupling[k * columns + j];
      }
      const pivot = block[i * classes + i];
      for (let j = 0; j < columns; j++) coupling[i * columns + j] /= pivot;
    }
    return coupling;
  }

  #addSecond(rest: Float64Array): void {
    const [n1, n2, classes] = this.#sizes, columns = n2 * classes;
    for (let a = 0; a < n1; a++) {
      for (let b = 0; b < n2; b++) {
        addPair(rest, b * classes * (columns + 1), columns, this.#w, this.#u, (a * n2 + b) * classes, classes);
      }
    }
  }
}

/** Adds diag(w) + u uᵀ of one pair of states, which start at `cell`, to a block that starts at `at`. */
function addPair(
  matrix: Float64Array,
  at: number,
  stride: number,
  w: Float64Array,
  u: Float64Array,
  cell: number,
  classes: number,
): void {
  for (let y = 0; y < classes; y++) {
    matrix[at + y * stride + y] += w[cell + y];
    for (let other = 0; other < classes; other++) {
      matrix[at + y * stride + other] += u[cell + y] * u[cell + other];
    }
  }
}

/** The lower triangle of `matrix -= factorᵀ factor`. */
function subtractSquare(matrix: Float64Array, factor: Float64Array, size: number, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const line = factor.subarray(row * size, (row + 1) * size);
    for (let i = 0; i < size; i++) {
      const value = line[i], start = i * size;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) matrix[start + j] -= value * line[j];
    }
  }
}

/** Takes one unknown out of a system. */
function isolate(matrix: Float64Array, index: number, size: number): void {
  for (let k = 0; k < size; k++) matrix[index * size + k] = matrix[k * size + index] = 0;
  matrix[index * size + index] = 1;
}

/** The lower factor, in place, from the lower triangle; an unknown without a say (no pivot to speak of) is held at 0. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) {
    const row = matrix.subarray(i * size, (i + 1) * size), diagonal = row[i];
    for (let j = 0; j <= i; j++) {
      const other = matrix.subarray(j * size, j * size + j);
      let sum = row[j];
      for (let k = 0; k < j; k++) sum -= row[k] * other[k];
      if (j < i) row[j] = sum / matrix[j * size + j];
      else row[i] = sum > 1e-15 * diagonal ? Math.sqrt(sum) : HELD;
    }
  }
  return matrix;
}

const HELD = 1e64;

function solveLower(factor: Float64Array, x: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= factor[i * size + k] * x[k];
    x[i] = sum / factor[i * size + i];
  }
}

function solveUpper(factor: Float64Array, x: Float64Array, size: number): void {
  for (let i = size - 1; i >= 0; i--) {
    x[i] /= factor[i * size + i];
    for (let k = 0; k < i; k++) x[k] -= factor[i * size + k] * x[i];
  }
}
