// What convolutions and pooling share: sizes for both axes, and how many windows fit.

/** One size for both axes, or one each: `[height, width]`. */
export type Pair = number | [height: number, width: number];

/** Both sizes. */
export const pairOf = (size: Pair): [height: number, width: number] => typeof size === "number" ? [size, size] : size;

/** @throws {RangeError} If a size is no integer of at least `least`. */
export function checkPair(name: string, size: Pair, least: number): void {
  if (!pairOf(size).every((side) => Number.isInteger(side) && side >= least)) {
    throw new RangeError(`Expected ${name} to be an integer of at least ${least}, or two, got ${JSON.stringify(size)}`);
  }
}

/** How windows lie on one axis. */
export interface Windows {
  kernel: number;
  stride: number;
  /** Places added at each end. */
  padding: number;
  /** Whether a last window that the axis fills in part counts. Default false. */
  ceilMode?: boolean;
}

/**
 * How many windows an axis of `size` has, as in PyTorch; with `ceilMode` a last one that begins in the padding is left out.
 *
 * @throws {RangeError} If not even one fits.
 */
export function countWindows(size: number, { kernel, stride, padding, ceilMode = false }: Windows): number {
  const steps = (size + 2 * padding - kernel) / stride;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  const within = ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count;
  if (within < 1) {
    throw new RangeError(`Expected at least ${kernel - 2 * padding} places for a window of ${kernel}, got ${size}`);
  }
  return within;
}
