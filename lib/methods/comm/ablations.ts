// What the paper takes away from CoMM to see what it is worth, by the names that recorded runs carry.

import { type ImageAugmentation, mildCrop, simClrLight, wholeImage } from "../../augment/image.ts";
import type { CoMMVariant, FusionName } from "./learners.ts";

/** Weights of the loss terms of the first image alone, the second alone, and both, by name. */
const termWeights = {
  /** $\mathcal L + \sum_i \mathcal L_i$. */
  all: [1, 1, 1],
  /** $\mathcal L$, the term of the fused vectors. */
  joint: [0, 0, 1],
  /** $\sum_i \mathcal L_i$, the terms of the single modalities. */
  single: [1, 1, 0],
} satisfies Record<string, CoMMVariant["termWeights"]>;

/** Terms that the loss may consist of. */
export const lossTerms = Object.keys(termWeights) as LossTerms[];

/** Name of the terms that the loss consists of. */
export type LossTerms = keyof typeof termWeights;

/** What differs from CoMM as published; what is absent does not. A recorded run keeps it among its settings. */
export interface Ablation {
  /** Terms of the loss. Default `all`. */
  terms?: LossTerms;
  /** What fuses the modalities. Default `transformer`. */
  fusion?: FusionName;
  /** Name of {@linkcode namedAugmentations}. Default `all`. */
  augmentation?: string;
}

/**
 * Augmentations by the names of the released code, for both pictures or, after a comma, for the second another one: `all`
 * (SimCLR-light), `none` (a crop of at least half the picture), `all_wo_crop`, and `all` with crops of other areas: `crop-S` from
 * $S$ to 1, `crop-to-S` from 0.01 to $S$ of the picture.
 *
 * @param names Such as `"all"`, `"all,crop-0.5"`.
 * @throws {RangeError} If there is no such name, or $S$ is not above 0 (0.01 for `crop-to-S`) and at most 1.
 */
export function namedAugmentations(names: string): ImageAugmentation[] {
  const each = names.split(",");
  if (each.length > 2) throw new RangeError(`Expected an augmentation for each of two pictures, got "${names}"`);
  return each.map(namedAugmentation);
}

function namedAugmentation(name: string): ImageAugmentation {
  const fixed: Record<string, ImageAugmentation> = {
    all: simClrLight,
    none: mildCrop,
    all_wo_crop: { ...simClrLight, ...wholeImage },
  };
  if (Object.hasOwn(fixed, name)) return fixed[name];
  const [, to, digits] = /^crop-(to-)?(\d*\.?\d+)$/.exec(name) ?? [], area = Number(digits);
  if (!(area > (to ? SMALLEST_CROP : 0) && area <= 1)) {
    throw new RangeError(
      `Expected an augmentation of ${Object.keys(fixed).join(", ")}, crop-S or crop-to-S with an area S of up to 1, ` +
        `got "${name}"`,
    );
  }
  return { ...simClrLight, cropScale: to ? [SMALLEST_CROP, area] : [area, 1] };
}

const SMALLEST_CROP = 0.01;

/**
 * An ablation as changes to the model.
 *
 * Terms without weight are still computed: the curves then show what the loss did not ask for.
 *
 * Source: Dufumier et al. 2025, ablations of loss, fusion and augmentation.
 *
 * @throws {RangeError} If there is no such augmentation.
 */
export function ablated({ terms = "all", fusion, augmentation = "all" }: Ablation): CoMMVariant {
  return { termWeights: termWeights[terms], fusion, augmentation: namedAugmentations(augmentation) };
}
