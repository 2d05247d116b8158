// Multiple Features (mfeat): handwritten digits described in six ways.

import { join } from "node:path";
import type { DatasetCard } from "./card.ts";
import { readCsvMatrix } from "./csv_matrix.ts";
import { DATA_FOLDER, readDataFile } from "./files.ts";
import { type MultiviewDataset, splitSamples } from "./multiview.ts";
import { stratifiedSplit } from "./stratified_split.ts";
import { filesOf, modalitiesOf, readViews, type ViewFile } from "./view_files.ts";

/** The six views by name, in the card's order. */
export type MultipleFeaturesView = "profile" | "fourier" | "karhunenLoeve" | "morphological" | "pixels" | "zernike";

const VIEWS: Record<MultipleFeaturesView, ViewFile> = {
  profile: {
    what: "profile correlations (fac), 0 to 1353",
    width: 216,
    path: "mfeat-fac.csv.gz",
    sha256: "ab7f93e27fbad4e93c8e2212afb7cb6a8c05174fbdd3c60d4d198dbf09fc0c38",
  },
  fourier: {
    what: "Fourier coefficients of the character's shape (fou), 0 to 0.8",
    width: 76,
    path: "mfeat-fou.csv.gz",
    sha256: "a9ba1625d15bc4db7906012e45e8ca23b7b4cc44c74312bc60143142287a5efb",
  },
  karhunenLoeve: {
    what: "Karhunen-Loève coefficients (kar), -16.5 to 17.1",
    width: 64,
    path: "mfeat-kar.csv.gz",
    sha256: "9bfe269aab2b326b12184418a41808076cf52f38a2dcc31af131871fb13f46b7",
  },
  morphological: {
    what: "morphological features (mor), 0 to 17572",
    width: 6,
    path: "mfeat-mor.csv.gz",
    sha256: "e4760d46bc4d402251a45489b49734c2022441abe39f0e9b1336cea9ef0777ae",
  },
  pixels: {
    what: "averages of 2 x 3 pixels (pix), 0 to 6, in 16 rows of 15",
    width: 240,
    path: "mfeat-pix.csv.gz",
    sha256: "9aaf43f0e058cff899e8228f31befd5feda8f05c2fab62c468a9cdb385b951f0",
  },
  zernike: {
    what: "Zernike moments (zer), 0 to 778",
    width: 47,
    path: "mfeat-zer.csv.gz",
    sha256: "27dc482b6036cbb29ce5c3ca8a95b435cdb40023455a023eba26386d5ee88cd6",
  },
};

const LABELS = { path: "labels.csv", sha256: "6095643d707aece1f3e9e7a3ca5043728e7f02853deb5f713dcc85183836f284" };

/** Rows that repeat an earlier one in every view, and which. */
const REPEATS = new Map([[774, 605], [1172, 1148], [1271, 1237], [1272, 1265], [1521, 1448], [1999, 1892]]);

const CARD: Omit<DatasetCard, "splits"> = {
  name: "Multiple Features",
  what: "Handwritten digits of Dutch utility maps, 200 of each, described by six sets of features of the same picture.",
  samples: 2000,
  modalities: modalitiesOf(VIEWS),
  classes: { label: Array.from({ length: 10 }, (_, digit) => String(digit)) },
  subgroups: {},
  licence: "CC BY 4.0",
  citation: "R. Duin, Multiple Features, UCI Machine Learning Repository, https://doi.org/10.24432/C5HC70; " +
    "M. van Breukelen, R. Duin, D. Tax, J. den Hartog, Handwritten digit recognition by combined classifiers, " +
    "Kybernetika 34(4), 1998",
  source: "https://archive.ics.uci.edu/dataset/72/multiple+features",
  files: filesOf(VIEWS, LABELS),
};

/** Options of {@linkcode multipleFeatures}. */
export interface MultipleFeaturesOptions {
  /** Seed of the validation split. Default 42. */
  seed?: number;
  /** Share of the 160 digits of each class outside the test split that goes to validation, 0 to 1. Default 1/4: 40. */
  validation?: number;
  /** Where the files are. Default `data/mfeat` of Braid. */
  folder?: string;
}

/**
 * Reads Multiple Features: handwritten digits in six views.
 *
 * The source has no split: of each digit, 40 samples are for the test, the same ones whatever the seed, and by default 40
 * for validation and 120 for training. Six rows repeat another one in every view; such twins are in the same split.
 * Features come as they are, on very different scales: {@linkcode standardizeViews} brings them to one.
 *
 * @returns The splits and the card.
 * @throws {RangeError} If the validation share is not in [0, 1].
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { multipleFeatures } from "braid/datasets/multiple_features.ts";
 * import assert from "node:assert/strict";
 *
 * const { train, validation, test } = await multipleFeatures();
 * assert.deepEqual([train.count, validation.count, test.count], [1200, 400, 400]);
 * assert.equal(train.views.karhunenLoeve.width, 64);
 * ```
 */
export async function multipleFeatures(
  { seed = 42, validation = 1 / 4, folder = join(DATA_FOLDER, "mfeat") }: MultipleFeaturesOptions = {},
): Promise<MultiviewDataset<MultipleFeaturesView, never>> {
  const labels = readCsvMatrix(new TextDecoder().decode(await readDataFile(folder, LABELS, CARD)));
  const count = labels.rows, label = Int32Array.from(labels.values), row = Int32Array.from(label.keys());
  const units = Array.from(row, (row) => String(REPEATS.get(row) ?? row));
  const rows = stratifiedSplit(label, { name: "multiple features", test: 0.2, validation, seed, units });
  const views = await readViews(folder, VIEWS, { card: CARD, count });
  return splitSamples({ count, views, label, columns: {}, row }, rows, CARD);
}
