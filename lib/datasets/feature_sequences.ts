/** Samples whose modalities are sequences of feature vectors, step by step at the same time, with a class. */
export interface FeatureSequences<Modality extends string = string> {
  count: number;
  /** Time steps. */
  steps: number;
  /** Features of each modality. */
  widths: Record<Modality, number>;
  /** Per modality `[count, steps, width]`. */
  features: Record<Modality, Float32Array>;
  /** `[count]`, from 0. */
  label: Int32Array;
}
