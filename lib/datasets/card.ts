// What every data set says about itself, and the one way in which its samples may be incomplete.

/** One modality of a data set. */
export interface Modality {
  name: string;
  /** What the numbers are, with their unit or range. */
  what: string;
  /** Shape of one sample. */
  shape: readonly number[];
}

/** A file of a data set: where it lies in the data set's folder and the checksum of its bytes. */
export interface DataFile {
  path: string;
  /** SHA-256 in lower-case hexadecimal. */
  sha256: string;
}

/** A data set's card: all that a reader needs to judge and to cite it. */
export interface DatasetCard {
  name: string;
  /** One or two sentences on what the samples are. */
  what: string;
  samples: number;
  modalities: readonly Modality[];
  /** Class names of each label, in the order of the label's numbers. */
  classes: Readonly<Record<string, readonly string[]>>;
  /** Samples in each split. */
  splits: Readonly<Record<string, number>>;
  /** Attributes by which results can be broken down, with their values. */
  subgroups: Readonly<Record<string, readonly string[]>>;
  licence: string;
  citation: string;
  /** Where the data come from. */
  source: string;
  /** The files read, empty for generated data. */
  files: readonly DataFile[];
}

/** Class names of digits. */
export const DIGITS: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/** Samples of several modalities, row by row. */
export interface Samples {
  count: number;
  /**
   * Which modalities each sample has, `[count, modalities]` in the card's order: 1 present, 0 missing (its values are
   * then zeros that mean nothing). Left out where every sample has all.
   */
  available?: Int32Array;
}
