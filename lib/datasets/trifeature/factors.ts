// The three factors of Trifeature, the split of their combinations, and the rule behind the synergy label.

/** Shapes in the order of their labels. */
export const SHAPES = [
  "triangle",
  "square",
  "plus",
  "circle",
  "tee",
  "rhombus",
  "pentagon",
  "star",
  "fivesquare",
  "trapezoid",
] as const;

/** Textures in the order of their labels. */
export const TEXTURES = [
  "solid",
  "stripes",
  "grid",
  "hexgrid",
  "dots",
  "noise",
  "triangles",
  "zigzags",
  "rain",
  "pluses",
] as const;

/** Colours in the order of their labels. */
export const COLORS = [
  "red",
  "green",
  "blue",
  "yellow",
  "pink",
  "cyan",
  "purple",
  "ocean",
  "orange",
  "white",
] as const;

/** Red, green and blue of each colour, 0 to 1. */
export const COLOR_VALUES: readonly (readonly [number, number, number])[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 0],
  [1, 0.4, 1],
  [0, 1, 1],
  [0.3, 0, 0.5],
  [0.1, 0.4, 0.5],
  [1, 0.6, 0],
  [1, 1, 1],
];

/**
 * The mapping M of CoMM's seed 42: texture t of the first image matches colour `SYNERGY_COLOR[t]` of the second.
 */
export const SYNERGY_COLOR: readonly number[] = [5, 6, 0, 7, 3, 2, 4, 9, 1, 8];

/** CoMM's split of seed 42: a row a shape, a group a texture, a digit a colour; 1 goes to the test set. */
const TEST_COMBINATIONS = [
  "0000100010 0000000011 0010010100 1001001011 0000010001 0000001000 0000100000 0000000000 0000000010 0000101000",
  "0111000011 0100001000 1010010000 0000110000 1100000000 0000001000 0001000000 1100001010 0110000000 1000100101",
  "0000011100 0101010001 1000000100 0000000000 0001000000 0010100000 1000000000 0000010110 0000000011 0100000100",
  "0010000000 0010000011 0010001110 0000000000 0000000000 0000100100 0010100000 1110001100 0000000000 0100000001",
  "1000010100 0000100000 1000000111 1101101001 0000001000 1000000100 0100000010 0000000010 1000010010 0000010010",
  "0100000000 0001000100 0100100000 0100010000 0000000000 0000100000 1000000001 1000000000 0100000100 0000000110",
  "0011000000 0000000000 0000100100 0001000110 0000001110 0000110000 0000000000 0100000000 0000101010 1001001000",
  "0000000000 0100010000 1000000101 0100000000 0010100100 1000000000 0100000000 1010000010 1001000000 0000000011",
  "0000100000 0100000000 0000100000 0100000110 0000100100 1010010100 1000000000 0000011010 0000000000 1000000011",
  "0000100010 0100100010 0110010010 0000000000 0000000100 0010000100 0000001100 0001101001 0000000100 0001000000",
].map((row) => row.replaceAll(" ", "")).join("");

/** The factors of one image. */
export interface Factors {
  shape: number;
  texture: number;
  color: number;
}

/**
 * The combinations of one split, shape by shape, then texture by texture, then colour by colour.
 *
 * @param split 800 combinations train, 200 test.
 * @returns Their factors.
 */
export function combinations(split: "train" | "test"): Factors[] {
  const digit = split === "test" ? "1" : "0";
  return [...TEST_COMBINATIONS]
    .map((found, index) => ({
      found,
      factors: { shape: Math.floor(index / 100), texture: Math.floor(index / 10) % 10, color: index % 10 },
    }))
    .filter(({ found }) => found === digit)
    .map(({ factors }) => factors);
}
