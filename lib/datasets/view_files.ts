// Views that are kept as one CSV file each.

import type { DataFile, DatasetCard, Modality } from "./card.ts";
import { readCsvMatrix } from "./csv_matrix.ts";
import { DataFileError, gunzip, readDataFile } from "./files.ts";
import type { View } from "./multiview.ts";

/** The file of a view, and what it must hold. */
export interface ViewFile extends DataFile {
  /** What the numbers are, with their range. */
  what: string;
  /** Features of a sample. */
  width: number;
}

/** The views as modalities of a card. */
export const modalitiesOf = (files: Readonly<Record<string, ViewFile>>): Modality[] =>
  Object.entries(files).map(([name, { what, width }]) => ({ name, what, shape: [width] }));

/** The views' files and others as a card lists them. */
export const filesOf = (files: Readonly<Record<string, ViewFile>>, ...others: DataFile[]): DataFile[] =>
  [...Object.values(files), ...others].map(({ path, sha256 }) => ({ path, sha256 }));

/**
 * Reads the views of a data set; files called `.gz` are unzipped.
 *
 * @param folder The data set's folder.
 * @param files The file of each view.
 * @param options The card, how many samples there must be, and whether the files' first line names the features.
 * @returns The views, in the same order.
 * @throws {DataFileError} If a file is missing, altered, or holds a matrix of another size.
 */
export async function readViews<Name extends string>(
  folder: string,
  files: Readonly<Record<Name, ViewFile>>,
  { card, count, header = false }: { card: Pick<DatasetCard, "name" | "source">; count: number; header?: boolean },
): Promise<Record<Name, View>> {
  const entries = await Promise.all(
    Object.entries<ViewFile>(files).map(async ([name, file]) =>
      [name as Name, file, await readDataFile(folder, file, card)] as const
    ),
  ); // all checksums before any parsing, which takes longer
  const views = await Promise.all(entries.map(async ([name, file, bytes]) => {
    const text = new TextDecoder().decode(file.path.endsWith(".gz") ? await gunzip(bytes) : bytes);
    const { names, rows, columns, values } = readCsvMatrix(text, { header });
    if (rows !== count || columns !== file.width) {
      throw new DataFileError(`Expected ${file.path} to be [${count}, ${file.width}], got [${rows}, ${columns}]`);
    }
    const view: View = { width: columns, features: values, ...names && { names } };
    return [name, view] as const;
  }));
  return Object.fromEntries(views) as Record<Name, View>;
}
