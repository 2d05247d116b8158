// CSV files of numbers, read apart from the library.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The cells of a zipped or plain file without quotes, line by line. */
export function rawCells(path: string): string[][] {
  const bytes = readFileSync(path), text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  return text.trimEnd().split("\n").map((line) => line.split(","));
}
