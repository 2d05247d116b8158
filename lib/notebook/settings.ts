// What a walkthrough's parameter cell chooses: a preset, and single settings on top of it.

/** A user's mistake: shown as one line, without a stack trace. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

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
  const { expected, fits } = typeOf(like);
  if (!fits(value)) throw new SettingsError(`Expected ${name} to be ${expected}, got ${JSON.stringify(value)}`);
}

/** What may stand in place of a value: another of its type, a whole number for a whole number. */
function typeOf(like: unknown): { expected: string; fits: (value: unknown) => boolean } {
  if (Array.isArray(like)) {
    const [first] = like, isLikeFirst = (one: unknown) => typeof one === typeof first;
    return {
      expected: `a list of ${typeof first}s`,
      fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isLikeFirst),
    };
  }
  if (Number.isInteger(like)) return { expected: "a whole number of at least 0", fits: isWholeAmount };
  if (typeof like === "number") return { expected: "a number of at least 0", fits: isAmount };
  return { expected: `a ${typeof like}`, fits: (value) => typeof value === typeof like };
}

const isAmount = (value: unknown): boolean => typeof value === "number" && value >= 0 && value < Infinity;
const isWholeAmount = (value: unknown): boolean => isAmount(value) && Number.isInteger(value);
