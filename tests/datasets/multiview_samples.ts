// Four samples of two views, two of them incomplete, and a card for made-up data.

import type { DatasetCard, MultiviewSamples } from "braid";

export const card: DatasetCard = {
  name: "pairs",
  what: "made for a test",
  samples: 4,
  modalities: [{ name: "picture", what: "grey levels", shape: [2] }, { name: "sound", what: "decibels", shape: [1] }],
  classes: {},
  splits: {},
  subgroups: {},
  licence: "MIT",
  citation: "",
  source: "",
  files: [],
};

/** Row 1 lacks the picture, row 3 the sound. */
export const incomplete: MultiviewSamples<"picture" | "sound", "speaker"> = {
  count: 4,
  views: {
    picture: { width: 2, features: Float32Array.of(1, 10, 0, 0, 3, 10, 5, 10) },
    sound: { width: 1, features: Float32Array.of(2, 4, 6, 0), names: ["loudness"] },
  },
  label: Int32Array.of(0, 1, 1, 0),
  columns: { speaker: ["ann", "bob", "ann", "eve"] },
  row: Int32Array.of(10, 11, 12, 13),
  available: Int32Array.of(1, 1, 0, 1, 1, 1, 1, 0),
};
