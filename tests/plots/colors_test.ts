// Colours: contrast as WCAG defines it, text that can be read on any ground.

import assert from "node:assert/strict";
import { contrast, kindColors, legibleOn, roleColors } from "braid/plots/colors.ts";

Deno.test("contrast() is that of WCAG", () => {
  assert.equal(contrast("#000000", "#FFFFFF").toFixed(2), "21.00");
  assert.equal(contrast("#0072B2", "#0072B2"), 1);
  assert.equal(contrast("#FFFFFF", "#767676").toFixed(2), "4.54"); // the lightest grey that passes on white
  assert.equal(contrast("#777777", "#FFFFFF").toFixed(2), "4.48"); // and the one after it, which fails
});

Deno.test("legibleOn() finds text for every ground, the first wish that will do", () => {
  assert.equal(legibleOn("#FFFFFF", "#777777", "#767676", "#000000"), "#767676");
  const channel = ["00", "33", "66", "99", "CC", "FF"];
  for (const ground of channel.flatMap((r) => channel.flatMap((g) => channel.map((b) => `#${r}${g}${b}`)))) {
    assert.ok(contrast(ground, legibleOn(ground)) >= 4.5, ground);
    assert.ok(contrast(ground, legibleOn(ground, "#595959", "#222222", "#FFFFFF")) >= 4.5, ground);
  }
});

Deno.test("kindColors() gives each kind the colour of its information, however many modalities there are", () => {
  assert.deepEqual(kindColors(["image", "sound"]), {
    ...{ shared: roleColors.shared, "unique image": roleColors.unique1, "unique sound": roleColors.unique2 },
    ...{ synergy: roleColors.synergy, none: roleColors.reference },
  });
  const many = kindColors(["a", "b", "c", "d", "e", "f"]);
  assert.ok("partly shared" in many);
  assert.equal(new Set(Object.values(many)).size, Object.keys(many).length, "no two kinds look alike");
});
