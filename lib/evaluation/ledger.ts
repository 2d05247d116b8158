import * as v from "valibot";
import { claimSchema, measurementSchema, notMeasuredSchema, type Published } from "./claim.ts";
import { intervalSchema } from "./interval.ts";
import { InvalidFileError, readJson, writeJson } from "../files/json_file.ts";
import { type Evidence, formatInterval, formatNumber, judge, type Judgement, type Verdict } from "./verdict.ts";

const VERDICTS = ["reproduced", "weaker", "not reproduced", "not testable here"] as const satisfies Verdict[];
const FORMAT = "braid claims ledger 1";

const ledgerSchema = v.strictObject({
  format: v.literal(FORMAT),
  counts: v.record(v.picklist(VERDICTS), v.pipe(v.number(), v.integer(), v.minValue(0))),
  claims: v.pipe(
    v.array(v.strictObject({
      ...claimSchema.entries,
      measured: v.union([measurementSchema, notMeasuredSchema]),
      against: v.optional(measurementSchema),
      verdict: v.picklist(VERDICTS),
      reason: v.string(),
      needs: v.optional(v.string()),
      estimate: v.optional(intervalSchema),
      difference: v.optional(intervalSchema),
    })),
    v.minLength(1),
  ),
});

/** A ledger as it stands in a file. */
export type LedgerJson = v.InferOutput<typeof ledgerSchema>;

/** One claim with its verdict. */
export type LedgerEntry = Readonly<Evidence & Judgement>;

/** A claim as a flat record for a data frame; null where there is nothing. */
export interface LedgerRow {
  id: string;
  claim: string;
  source: string;
  published: string;
  value: number | null;
  low: number | null;
  high: number | null;
  unit: string;
  seeds: number;
  verdict: Verdict;
  why: string;
}

/** A paper's claims with what was measured and the verdict that follows; made by {@linkcode ledger}. */
export class Ledger {
  readonly entries: readonly LedgerEntry[];

  constructor(entries: readonly LedgerEntry[]) {
    this.entries = entries;
  }

  /** How many claims have each verdict. */
  get counts(): Record<Verdict, number> {
    const count = (verdict: Verdict) => this.entries.filter((entry) => entry.verdict === verdict).length;
    return {
      "reproduced": count("reproduced"),
      "weaker": count("weaker"),
      "not reproduced": count("not reproduced"),
      "not testable here": count("not testable here"),
    };
  }

  /** Everything, keys in a fixed order; what `JSON.stringify` takes. */
  toJSON(): LedgerJson {
    const claims = this.entries.map(({ claim, measured, against, ...judgement }) => ({
      id: claim.id,
      statement: claim.statement,
      source: claim.source,
      unit: claim.unit,
      published: claim.published,
      protocol: claim.protocol,
      criterion: claim.criterion,
      measured,
      against,
      verdict: judgement.verdict,
      reason: judgement.reason,
      needs: judgement.needs,
      estimate: judgement.estimate,
      difference: judgement.difference,
    }));
    return { format: FORMAT, counts: this.counts, claims };
  }

  /** Flat records for a data frame. */
  toRows(): LedgerRow[] {
    return this.entries.map((entry) => ({
      id: entry.claim.id,
      claim: entry.claim.statement,
      source: entry.claim.source,
      published: publishedText(entry),
      value: entry.estimate?.value ?? null,
      low: entry.estimate?.low ?? null,
      high: entry.estimate?.high ?? null,
      unit: entry.claim.unit,
      seeds: "values" in entry.measured ? entry.measured.values.length : 0,
      verdict: entry.verdict,
      why: whyText(entry),
    }));
  }

  /** An aligned table for the terminal; under each claim its statement and the reason of the verdict. */
  toText(): string {
    const header = ["claim", "published", "ours", "from", "verdict"];
    const table = [header, ...this.entries.map(cells)];
    const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
    const [head, ...lines] = table.map((row) => row.map((cell, k) => cell.padEnd(widths[k])).join("  ").trimEnd());
    const details = this.entries.map((
      entry,
    ) => [`  ${entry.claim.statement} (${entry.claim.source})`, `  ${whyText(entry)}`]);
    const counts = Object.entries(this.counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
    return [head, ...lines.flatMap((line, i) => [line, ...details[i]]), `${counts}. ${INTERVAL_NOTE}`, ""].join("\n");
  }

  /** The same table in Markdown. */
  toMarkdown(): string {
    const row = (texts: string[]) => `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
    const lines = this.entries.map((entry) => {
      const [, published, ours, from, verdict] = cells(entry);
      return row([
        `${entry.claim.statement} (${entry.claim.source})`,
        published,
        ours,
        from,
        `**${verdict}**`,
        whyText(entry),
      ]);
    });
    const header = ["claim", "published", "ours", "from", "verdict", "why"];
    return [row(header), row(header.map(() => "---")), ...lines, "", INTERVAL_NOTE, ""].join("\n");
  }
}

/**
 * Judges each claim of a paper and keeps the verdicts with the numbers. No verdict is given by hand: {@linkcode judge} has
 * the rules.
 *
 * @param evidence Claims with what was measured, in the order of the table.
 * @throws {RangeError} If there is no claim, two have the same id, or a claim and its measurements do not fit together.
 *
 * @example
 * ```ts
 * import { ledger } from "braid/evaluation/ledger.ts";
 * import assert from "node:assert/strict";
 *
 * const { counts } = ledger([{
 *   claim: {
 *     id: "comm-synergy",
 *     statement: "CoMM learns synergy.",
 *     source: "figure 3",
 *     unit: "%",
 *     published: { value: 71.9, spread: 2 },
 *     protocol: "100 epochs, 5 seeds",
 *     criterion: { kind: "above-chance", chance: 50 },
 *   },
 *   measured: { reason: "synergy appears after epoch 20", needs: "the paper preset on a GPU" },
 * }]);
 * assert.equal(counts["not testable here"], 1);
 * ```
 */
export function ledger(evidence: readonly Evidence[]): Ledger {
  if (evidence.length === 0) throw new RangeError("Expected at least one claim, got none");
  const ids = evidence.map(({ claim }) => claim.id), twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new RangeError(`Expected every claim to have its own id, got ${twice} twice`);
  return new Ledger(evidence.map((each) => ({ ...each, ...judge(each) })));
}

/**
 * Reads a ledger and judges its claims anew.
 *
 * @throws {InvalidFileError} If the file is missing, no ledger, or states a verdict that does not follow from its numbers.
 *
 * @example See {@linkcode writeLedger}.
 */
export async function readLedger(path: string): Promise<Ledger> {
  const { claims } = await readJson(path, "a claims ledger", ledgerSchema);
  const result = judgeAnew(path, claims);
  result.entries.forEach(({ claim, verdict }, i) => {
    if (claims[i].verdict !== verdict) {
      throw new InvalidFileError(
        `Expected the verdict on ${claim.id} in ${path} to be "${verdict}" as its numbers give, got "${
          claims[i].verdict
        }"`,
      );
    }
  });
  return result;
}

function judgeAnew(path: string, claims: LedgerJson["claims"]): Ledger {
  try {
    return ledger(claims.map(({ measured, against, ...entry }) => ({
      claim: v.parse(v.object(claimSchema.entries), entry),
      measured,
      against,
    })));
  } catch (cause) {
    throw new InvalidFileError(`Expected ${path} to be a claims ledger, got claims that cannot be judged: ${cause}`, {
      cause,
    });
  }
}

/**
 * Writes a ledger as JSON, whole or not at all.
 *
 * @example
 * ```ts
 * import { ledger, readLedger, writeLedger } from "braid/evaluation/ledger.ts";
 * import assert from "node:assert/strict";
 *
 * const claims = ledger([{
 *   claim: {
 *     id: "redundancy",
 *     statement: "CoMM keeps what the modalities share.",
 *     source: "figure 3",
 *     unit: "%",
 *     published: { value: 99.9 },
 *     protocol: "100 epochs, 5 seeds",
 *     criterion: { kind: "near", margin: 2, chance: 10 },
 *   },
 *   measured: { values: [99, 98.5, 99.2], seeds: [1, 2, 3], unit: "%", from: "notebook 01", protocol: "paper" },
 * }]);
 * const path = `${await Deno.makeTempDir()}/ledger.json`;
 * await writeLedger(path, claims);
 * assert.equal((await readLedger(path)).toText(), claims.toText());
 * ```
 */
export function writeLedger(path: string, ledger: Ledger): Promise<void> {
  return writeJson(path, "a claims ledger", ledgerSchema, ledger.toJSON());
}

const INTERVAL_NOTE = "Brackets hold 95 % intervals: over seeds, or with one seed over test samples, " +
  "which leaves out how much training varies.";

const cells = (entry: LedgerEntry): string[] => [
  entry.claim.id,
  publishedText(entry),
  entry.estimate ? `${formatInterval(entry.estimate, entry.claim.unit)} ${entry.claim.unit}` : "not measured",
  fromText(entry),
  entry.verdict,
];

/** What the measurement rests on. */
function fromText({ measured, estimate }: LedgerEntry): string {
  if (!("values" in measured)) return "";
  const seeds = measured.values.length === 1 ? "1 seed" : `${measured.values.length} seeds`;
  return estimate?.over === "samples" ? `${seeds}, ${estimate.n} samples` : seeds;
}

function publishedText({ claim: { published, unit, criterion } }: LedgerEntry): string {
  const text = (value?: Published) => {
    if (!value) return "";
    const spread = value.spread === undefined ? "" : ` ± ${formatNumber(value.spread, unit)}`;
    return `${formatNumber(value.value, unit)}${spread} ${unit}`;
  };
  return criterion.kind === "ordering" && criterion.published
    ? `${text(published)} > ${text(criterion.published)}`
    : text(published);
}

const whyText = ({ reason, needs }: LedgerEntry): string => needs === undefined ? reason : `${reason}; needs ${needs}`;
