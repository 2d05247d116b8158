// TCGA breast cancer: four omics of the same tumours.

import { parse } from "csv-parse/sync";
import { join } from "node:path";
import type { DatasetCard } from "./card.ts";
import { DATA_FOLDER, readDataFile } from "./files.ts";
import { type MultiviewDataset, splitSamples } from "./multiview.ts";
import { stratifiedSplit } from "./stratified_split.ts";
import { filesOf, modalitiesOf, readViews, type ViewFile } from "./view_files.ts";

/** The four views by name, in the card's order. */
export type TcgaBrcaView = "mrna" | "methylation" | "mirna" | "protein";

const VIEWS: Record<TcgaBrcaView, ViewFile> = {
  mrna: {
    what: "expression of the genes that vary most, log ratios, -10.2 to 12.2",
    width: 645,
    path: "mrna.csv.gz",
    sha256: "4023195f05cdac6c9ac87e3ec8bd8e9b09f575c31388033c0f57f72f44a8872a",
  },
  methylation: {
    what: "DNA methylation, square roots of beta values, 0.08 to 1",
    width: 574,
    path: "methylation.csv.gz",
    sha256: "7f180ca918cfd4517bb14db1a7634338b81748d740e909f418fdaff884958d5b",
  },
  mirna: {
    what: "expression of microRNA, ln(1 + reads per million), 0 to 13.3",
    width: 423,
    path: "mirna.csv.gz",
    sha256: "4c49ffb569e42ce862c1b7bcc4ccb292825e3651a0facbed42ba08e68641115b",
  },
  protein: {
    what: "reverse-phase protein array, standardised within each tumour, -5.4 to 5.5",
    width: 171,
    path: "protein.csv.gz",
    sha256: "25d4b302a5b2991e9873af9cddac971c081555af06cc4d1b609a941ca08d7d69",
  },
};

const LABELS = { path: "labels.csv", sha256: "641306fe7fa3f3c7ed6f3490fd87a564d0b8dac627fa4bbafdcc5280af1b08b7" };

const SUBTYPES = ["Normal-like", "Basal-like", "HER2-enriched", "Luminal A", "Luminal B"];

const SITES = ["A1", "A2", "A7", "A8", "AN", "AO", "AQ", "AR", "B6", "BH", "C8", "D8", "E2"];

const CARD: Omit<DatasetCard, "splits"> = {
  name: "TCGA breast cancer",
  what: "Four omics of breast tumours of 348 patients, with the PAM50 subtype that was called from gene expression.",
  samples: 348,
  modalities: modalitiesOf(VIEWS),
  classes: { label: SUBTYPES },
  subgroups: { site: SITES },
  licence: "TCGA open-access data; matrices as prepared by bayesCC (MIT), subtypes as listed by TCGAbiolinks (GPL-3.0)",
  citation: "The Cancer Genome Atlas Network, Comprehensive molecular portraits of human breast tumours, Nature 490, " +
    "2012; E. Lock, D. Dunson, Bayesian consensus clustering, Bioinformatics 29(20), 2013",
  source: "https://gdc.cancer.gov/about-data/publications/brca_2012",
  files: filesOf(VIEWS, LABELS),
};

/** Options of {@linkcode tcgaBrca}. */
export interface TcgaBrcaOptions {
  /** Seed of the validation split. Default 42. */
  seed?: number;
  /** Share of each subtype's tumours outside the test split that goes to validation, 0 to 1. Default 1/4. */
  validation?: number;
  /** Where the files are. Default `data/tcga_brca` of Braid. */
  folder?: string;
}

/** A row of the labels, as text. */
type Row = Record<"patient" | "sample" | "label" | "subtype", string>;

/**
 * Reads TCGA's breast tumours: four omics of 348 patients, with their subtype.
 *
 * The source has no split: of each subtype a fifth is for the test, the same tumours whatever the seed. Column `site` is
 * the code of the hospital or tissue bank that the tumour came from, by which results can be broken down; some gave one
 * tumour only, and of the subtype Normal-like there are five. The subtype was called from gene expression, so the view
 * `mrna` has an advantage of principle. Features come as their source has them; {@linkcode standardizeViews} brings them
 * to one scale.
 *
 * @returns The splits and the card.
 * @throws {RangeError} If the validation share is not in [0, 1].
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { tcgaBrca } from "braid/datasets/tcga_brca.ts";
 * import assert from "node:assert/strict";
 *
 * const { card, train, validation, test } = await tcgaBrca();
 * assert.equal(train.count + validation.count + test.count, 348);
 * assert.ok(train.views.mrna.names!.includes("ERBB4"));
 * assert.ok(train.columns.site.every((site) => card.subgroups.site.includes(site)));
 * ```
 */
export async function tcgaBrca(
  { seed = 42, validation = 1 / 4, folder = join(DATA_FOLDER, "tcga_brca") }: TcgaBrcaOptions = {},
): Promise<MultiviewDataset<TcgaBrcaView, "patient" | "site">> {
  const text = new TextDecoder().decode(await readDataFile(folder, LABELS, CARD));
  const tumours = parse<Row>(text, { columns: true }), count = tumours.length;
  const label = Int32Array.from(tumours, ({ label }) => Number(label)), row = Int32Array.from(label.keys());
  const patient = tumours.map(({ patient }) => patient), site = patient.map((code) => code.split("-")[1]);
  const rows = stratifiedSplit(label, { name: "tcga brca", test: 0.2, validation, seed });
  const views = await readViews(folder, VIEWS, { card: CARD, count, header: true });
  return splitSamples({ count, views, label, columns: { patient, site }, row }, rows, CARD);
}
