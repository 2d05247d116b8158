// The one typeface of all figures: its files come with the npm package @fontsource/open-sans.

/** The package splits the typeface by writing system; these cover western names, Greek letters and mathematical signs. */
export const SUBSETS = ["latin", "latin-ext", "greek", "math"] as const;

/** The two weights that figures use. */
export const WEIGHTS = { regular: 400, bold: 700 } as const;

/**
 * Reads one file of the typeface.
 *
 * @param subset Which characters.
 * @param weight Which weight.
 * @param format `woff2` for drawing, `woff` for readers without a Brotli decoder.
 * @returns The file's bytes.
 */
export async function fontFile(
  subset: typeof SUBSETS[number],
  weight: keyof typeof WEIGHTS,
  format: "woff" | "woff2" = "woff2",
): Promise<Uint8Array<ArrayBuffer>> {
  // Deno fetches a package when something is imported from it; only then does import.meta.resolve() name a file.
  await import("@fontsource/open-sans/unicode.json", { with: { type: "json" } });
  const name = `open-sans-${subset}-${WEIGHTS[weight]}-normal.${format}`;
  return await Deno.readFile(new URL(import.meta.resolve(`@fontsource/open-sans/files/${name}`)));
}
