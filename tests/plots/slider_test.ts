// A slider shows the lines of one position, with the title that belongs to it.

import assert from "node:assert/strict";
import { learningCurves, type LearningCurvesOptions } from "braid/plots/learning_curves.ts";
import type { Slider } from "braid/plots/slider.ts";

const slider: Slider = {
  name: "clusters",
  start: "8",
  steps: [{ label: "2", title: "Two" }, { label: "8", title: "Eight" }],
};
const line = { name: "counted", x: [1, 2], y: [1, 2] };
const figure = (options: Partial<LearningCurvesOptions> = {}) =>
  learningCurves({
    ...{ title: "Eight", xTitle: "x", yTitle: "y", slider },
    series: [{ ...line, name: "truth" }, { ...line, step: "2" }, {
      ...line,
      step: "8",
      interval: { low: [0, 1], high: [2, 3] },
    }],
    ...options,
  });

type Step = { label: string; method: string; args: [{ visible: boolean[] }, Record<string, string>] };
const sliderOf = () => (figure().toJSON().layout.sliders as unknown as [{ active: number; steps: Step[] }])[0];

Deno.test("at first the lines of the start show, and those that belong to no position", () => {
  const { data } = figure().toJSON();
  assert.deepEqual(data.map(({ name, visible }) => [name, visible]), [
    ["truth", undefined],
    ["counted", false],
    [undefined, undefined], // the band
    ["counted", undefined],
  ]);
  assert.equal(sliderOf().active, 1);
});

Deno.test("a position shows its own traces and states its finding", () => {
  const [two, eight] = sliderOf().steps;
  assert.deepEqual(two, {
    label: "2",
    method: "update",
    args: [{ visible: [true, true, false, false] }, { "title.text": "Two" }],
  });
  assert.deepEqual(eight.args[0].visible, [true, false, true, true]);
});

Deno.test("each position has its entries in the legend", () => {
  const shown = figure().toJSON().data.filter(({ name }) => name === "counted").map(({ showlegend }) => showlegend);
  assert.deepEqual(shown, [true, true]);
});

Deno.test("a slider and its lines fit together", () => {
  const wrong = (more: object) => () => figure({ slider: { ...slider, ...more } });
  assert.throws(wrong({ start: "3" }), /different positions of clusters, 3 among them, got 2, 8/);
  assert.throws(wrong({ steps: [slider.steps[1], slider.steps[1]] }), RangeError);
  assert.throws(() => figure({ series: [{ ...line, step: "4" }] }), /Expected steps among 2, 8, got 4/);
  assert.throws(() => figure({ series: [{ ...line, step: "4" }], slider: undefined }), /a slider for the step 4/);
});
