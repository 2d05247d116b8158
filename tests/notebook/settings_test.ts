import assert from "node:assert/strict";
import { chooseSettings, SettingsError } from "braid/notebook/settings.ts";

const presets = {
  smoke: { steps: 4, rate: 3e-4, channels: [3, 8], encoder: "AlexNet", biased: false },
  quick: { steps: 600, rate: 1e-3, channels: [3, 32], encoder: "small", biased: true },
};
const choose = (preset: string, overrides?: Record<string, unknown>) => chooseSettings(presets, preset, overrides);
const refused = (message: string, ...args: Parameters<typeof choose>) =>
  assert.throws(() => choose(...args), (error) => error instanceof SettingsError && error.message === message);

Deno.test("chooseSettings() gives the settings of a preset, and replaces those that are named", () => {
  assert.deepEqual(choose("quick"), presets.quick);
  const own = { steps: 0, rate: 1, channels: [1], encoder: "", biased: true };
  assert.deepEqual(choose("smoke", { rate: 1, channels: [1] }), { ...presets.smoke, rate: 1, channels: [1] });
  assert.deepEqual(choose("smoke", own), own);
});

Deno.test("chooseSettings() leaves the presets as they are", () => {
  const before = structuredClone(presets);
  choose("smoke", { steps: 9 }).rate = 7;
  assert.deepEqual(presets, before);
});

Deno.test("chooseSettings() lists the presets when it does not know one", () => {
  for (const preset of ["", "Quick", "toString", "__proto__"]) {
    refused(`Expected a preset of smoke, quick, got "${preset}"`, preset);
  }
});

Deno.test("chooseSettings() lists the settings when it does not know one", () => {
  for (const name of ["step", "toString"]) {
    refused(`Expected a setting of steps, rate, channels, encoder, biased, got "${name}"`, "smoke", { [name]: 1 });
  }
  const fromJson = JSON.parse('{ "__proto__": 1 }');
  refused(`Expected a setting of steps, rate, channels, encoder, biased, got "__proto__"`, "smoke", fromJson);
});

Deno.test("chooseSettings() takes a value only of the type that the preset has", () => {
  const wrong: [string, string, unknown[]][] = [
    ["steps", "a whole number of at least 0", ["100", null, -1, 1.5, NaN, Infinity, [4], true]],
    ["rate", "a number of at least 0", ["1e-3", null, -1e-3, NaN, Infinity]],
    ["channels", "a list of numbers", ["3,8", 3, [], [3, "8"], { 0: 3 }, null]],
    ["encoder", "a string", [3, [3, 8], null]],
    ["biased", "a boolean", ["true", 1, null]],
  ];
  for (const [name, expected, values] of wrong) {
    for (const value of values) {
      refused(`Expected ${name} to be ${expected}, got ${JSON.stringify(value)}`, "smoke", { [name]: value });
    }
  }
});
