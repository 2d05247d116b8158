import * as v from "valibot";
import { writeWhole } from "./whole_file.ts";

/** A file that cannot be read as what it should hold. */
export class InvalidFileError extends Error {
  override name = "InvalidFileError";
}

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @param what What the file should be, for the error, such as `"a recorded run"`.
 * @throws {InvalidFileError} If the file is missing, no JSON, or does not fit; the message names the path and each misfit.
 */
export async function readJson<T>(path: string, what: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidFileError(`Expected ${path} to be ${what}, got ${problem}`, { cause });
  let text: string, content: unknown;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw refuse(error instanceof Deno.errors.NotFound ? "no such file" : `an unreadable file (${error})`, error);
  }
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse(text === "" ? "an empty file" : `text that is not JSON (${error})`, error);
  }
  const checked = v.safeParse(schema, content);
  if (!checked.success) throw refuse(describeIssues(checked.issues));
  return checked.output;
}

/**
 * Writes a value as indented JSON, whole or not at all: a reader, or a run after a crash, never meets half a file.
 *
 * @throws {RangeError} If the value does not fit the schema, before anything is written.
 */
export async function writeJson<T>(
  path: string,
  what: string,
  schema: v.GenericSchema<unknown, T>,
  value: T,
): Promise<void> {
  const checked = v.safeParse(schema, value);
  if (!checked.success) {
    throw new RangeError(`Expected ${what} to write to ${path}, got ${describeIssues(checked.issues)}`);
  }
  await writeWhole(path, JSON.stringify(checked.output, null, 2) + "\n");
}

const describeIssues = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues.map((issue) => `${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`).join("; ");
