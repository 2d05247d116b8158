// How the scripts of this folder read their options.

import { InvalidArgumentError } from "commander";

/** An option's value as a positive whole number. */
export function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`Expected a positive whole number, got "${text}"`);
}
