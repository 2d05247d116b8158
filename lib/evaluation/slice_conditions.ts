import { quantileSorted } from "simple-statistics";
import { type Cell, cellName, type Frame, frameColumns, isMissing, MISSING } from "./frame.ts";

/** A condition on one column. */
export interface Condition {
  column: string;
  relation: "=" | "≤" | ">";
  /** A number, or the text of the cell; `"missing"` where there is none. */
  value: string | number;
}

/** Such as `"age > 61.5"`. */
export const conditionName = ({ column, relation, value }: Condition): string =>
  `${column} ${relation} ${typeof value === "number" ? Number(value.toPrecision(4)) : value}`;

/** A condition with the samples for which it holds. */
export interface KnownCondition {
  condition: Condition;
  /** `[samples]`, 1 where it holds. */
  holds: Uint8Array;
}

/** Columns of numbers with more different values than this are cut at their deciles. */
const MOST_LEVELS = 10;

const DECILES = Array.from({ length: 9 }, (_, k) => (k + 1) / 10);

/**
 * All conditions that the columns of a frame offer.
 *
 * @param search The samples whose deciles count.
 */
export function conditionsOf(frame: Frame, search: Int32Array, samples: number): KnownCondition[] {
  return [...frameColumns(frame, samples)].flatMap(([column, cells]) => {
    const known = cells.filter((cell) => !isMissing(cell));
    const isContinuous = known.every((cell) => typeof cell === "number") && new Set(known).size > MOST_LEVELS;
    return isContinuous ? cuts(column, cells, search) : levels(column, cells);
  });
}

function levels(column: string, cells: readonly Cell[]): KnownCondition[] {
  const names = cells.map(cellName);
  return [...new Set(names)].sort().map((value) => equal(column, value, names));
}

const equal = (column: string, value: string, names: readonly string[]): KnownCondition => ({
  condition: { column, relation: "=", value },
  holds: Uint8Array.from(names, (name) => Number(name === value)),
});

function cuts(column: string, cells: readonly Cell[], search: Int32Array): KnownCondition[] {
  const numbers = cells.map((cell) => isMissing(cell) ? NaN : cell as number); // NaN is on neither side of a cut
  const sorted = Array.from(search, (i) => numbers[i]).filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const edges = sorted.length === 0 ? [] : [...new Set(DECILES.map((p) => quantileSorted(sorted, p)))];
  return [
    ...edges.flatMap((value): KnownCondition[] => [
      { condition: { column, relation: "≤", value }, holds: Uint8Array.from(numbers, (x) => Number(x <= value)) },
      { condition: { column, relation: ">", value }, holds: Uint8Array.from(numbers, (x) => Number(x > value)) },
    ]),
    ...numbers.some(Number.isNaN) ? [equal(column, MISSING, cells.map(cellName))] : [],
  ];
}
