// What a walkthrough's parameter cell chooses: a preset, and single settings on top of it.

import * as v from "valibot";

/** A user's mistake: shown as one line, without a stack trace. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Values that a setting may have. */
export type SettingValue = string | number | boolean | readonly (string | number)[];

/**
 * The settings of a preset with some of them replaced.
 *
 * @param presets Settings by preset.
 * @param preset Which one.
 * @param overrides Settings to replace, each by a value of the same type.
 * @returns All settings.
 * @throws {SettingsError} If the preset or a setting is unknown, or a value has the wrong type; the known ones are listed.
 *
 * @example
 * ```ts
 * import { chooseSettings } from "braid/notebook/settings.ts";
 * import assert from "node:assert/strict";
 *
 * const presets = { smoke: { steps: 4, size: 32 }, quick: { steps: 600, size: 32 } };
 * assert.deepEqual(chooseSettings(presets, "quick", { steps: 100 }), { steps: 100, size: 32 });
 * assert.throws(() => chooseSettings(presets, "quik"), /Expected a preset of smoke, quick, got "quik"/);
 * ```
 */
export function chooseSettings<Settings extends object>(
  presets: Record<string, Settings>,
  preset: string,
  overrides: Record<string, unknown> = {},
): Settings {
  if (!Object.hasOwn(presets, preset)) {
    throw new SettingsError(`Expected a preset of ${Object.keys(presets).join(", ")}, got "${preset}"`);
  }
  const settings = presets[preset];
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(settings, name)) {
      throw new SettingsError(`Expected a setting of ${Object.keys(settings).join(", ")}, got "${name}"`);
    }
    checkType(name, value, settings[name as keyof Settings]);
  }
  return { ...settings, ...overrides };
}

function checkType(name: string, value: unknown, like: unknown): void {
  const expected = Array.isArray(like)
    ? "a list"
    : typeof like === "number"
    ? "a number of at least 0"
    : `a ${typeof like}`;
  const fits = Array.isArray(like)
    ? Array.isArray(value)
    : typeof like === "number"
    ? v.is(v.pipe(v.number(), v.finite(), v.minValue(0)), value)
    : typeof value === typeof like;
  if (!fits) throw new SettingsError(`Expected ${name} to be ${expected}, got ${JSON.stringify(value)}`);
}
