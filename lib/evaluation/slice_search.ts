import type { KnownCondition } from "./slice_conditions.ts";

/** A conjunction that the search has looked at. */
export interface Conjunction {
  conditions: readonly KnownCondition[];
  /** Samples of the searched half for which it holds. */
  members: Int32Array;
  /** How many standard errors their mean outcome is below that of the rest. */
  standardErrors: number;
}

/** Conjunctions that are kept to be made longer. */
const BEAM = 100;

/** How many standard errors a longer conjunction must be worse than a shorter one to be preferred. */
const PARSIMONY = 1;

/**
 * The conjunction that is worst for the searched half, among those with enough samples inside and outside in both halves.
 *
 * Conjunctions grow by one condition at a time from the 100 worst of each length, which are all where there are no more.
 */
export function worstConjunction(
  values: Float64Array,
  conditions: readonly KnownCondition[],
  [search, confirm]: [search: Int32Array, confirm: Int32Array],
  { minimumSupport, maxConditions }: { minimumSupport: number; maxConditions: number },
): { worst?: Conjunction; looked: number } {
  const spread = outcomeSpread(values, search);
  let looked = 0, grown: Conjunction[] = [{ conditions: [], members: search, standardErrors: 0 }];
  const all: Conjunction[] = [], seen = new Set<string>();
  for (let length = 1; length <= maxConditions; length++) {
    const longer: Conjunction[] = [];
    for (const start of grown) {
      for (const [k, condition] of conditions.entries()) {
        if (start.conditions.includes(condition)) continue;
        const parts = [...start.conditions, condition];
        const key = parts.map((part) => conditions.indexOf(part)).sort((a, b) => a - b).join();
        if (length > 1 && seen.has(key)) continue;
        seen.add(key);
        const members = start.members.filter((i) => conditions[k].holds[i]);
        if (members.length === start.members.length || !isSupported(members.length, search.length, minimumSupport)) {
          continue;
        }
        const others = count(confirm, (i) => parts.every(({ holds }) => holds[i] === 1));
        if (!isSupported(others, confirm.length, minimumSupport)) continue;
        looked++;
        longer.push({ conditions: parts, members, standardErrors: standardErrors(values, members, spread) });
      }
    }
    grown = longer.sort((a, b) => b.standardErrors - a.standardErrors).slice(0, BEAM);
    all.push(...grown);
  }
  const most = Math.max(...all.map(({ standardErrors }) => standardErrors));
  const near = all.filter(({ standardErrors }) => standardErrors >= most - PARSIMONY);
  const shortest = Math.min(...near.map(({ conditions }) => conditions.length));
  return { worst: near.find(({ conditions }) => conditions.length === shortest), looked };
}

const isSupported = (inside: number, all: number, minimum: number): boolean =>
  inside >= minimum && all - inside >= minimum;

interface Spread {
  n: number;
  sum: number;
  deviation: number;
}

function outcomeSpread(values: Float64Array, samples: Int32Array): Spread {
  const n = samples.length, sum = samples.reduce((total, i) => total + values[i], 0), mean = sum / n;
  const squares = samples.reduce((total, i) => total + (values[i] - mean) ** 2, 0);
  return { n, sum, deviation: Math.sqrt(squares / Math.max(1, n - 1)) };
}

function standardErrors(values: Float64Array, members: Int32Array, { n, sum, deviation }: Spread): number {
  if (deviation === 0) return 0;
  const inside = members.length, own = members.reduce((total, i) => total + values[i], 0);
  const difference = (sum - own) / (n - inside) - own / inside;
  return difference / (deviation * Math.sqrt(1 / inside + 1 / (n - inside)));
}

function count(samples: Int32Array, isIn: (i: number) => boolean): number {
  let found = 0;
  for (const i of samples) if (isIn(i)) found++;
  return found;
}
