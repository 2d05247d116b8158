import assert from "node:assert/strict";
import { sha256 } from "braid/files/sha256.ts";
import { logMel } from "braid/datasets/log_mel.ts";
import { mnist } from "braid/datasets/mnist.ts";
import { penDigits } from "braid/datasets/pen_digits.ts";
import { spokenDigits } from "braid/datasets/spoken_digits.ts";
import { spokenWrittenDigits, type SpokenWrittenDigitSamples } from "braid/datasets/spoken_written_digits.ts";

const data = await spokenWrittenDigits(), spoken = await spokenDigits(), written = await mnist();
const drawn = await penDigits();
const splits = { train: data.train, validation: data.validation, test: data.test };

/** A digest of each row of a matrix. */
function digests(values: Float32Array, count: number): string[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, row) => {
    const cells = values.subarray(row * size, (row + 1) * size);
    return sha256(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength));
  });
}

const images = (samples: SpokenWrittenDigitSamples) => digests(samples.image, samples.count);
const sounds = (samples: SpokenWrittenDigitSamples) => digests(samples.sound, samples.count);
const trajectories = (samples: SpokenWrittenDigitSamples) => digests(samples.trajectory, samples.count);

Deno.test("spokenWrittenDigits() splits the recordings into 2400, 300 and 300", () => {
  const counts = { train: 2400, validation: 300, test: 300 };
  assert.deepEqual(data.card.splits, counts);
  for (const [name, count] of Object.entries(counts)) {
    const samples = splits[name as keyof typeof splits];
    assert.equal(samples.count, count);
    assert.equal(samples.image.length, samples.count * 28 * 28);
    assert.equal(samples.sound.length, samples.count * 64 * 44);
    assert.equal(samples.trajectory.length, samples.count * 8 * 2);
    assert.equal(samples.label.length, samples.count);
    assert.equal(samples.speaker.length, samples.count);
    assert.ok(samples.image.every((value) => value >= 0 && value <= 1));
    assert.ok(samples.sound.every((value) => Number.isFinite(value)));
  }
});

Deno.test("every split has the same number of samples of each speaker and digit", () => {
  for (const [samples, each] of [[data.train, 40], [data.validation, 5], [data.test, 5]] as const) {
    const groups = Map.groupBy(samples.label.keys(), (row) => `${samples.label[row]} ${samples.speaker[row]}`);
    assert.equal(groups.size, 60);
    for (const rows of groups.values()) assert.equal(rows.length, each);
  }
});

Deno.test("image, sound and trajectory of a sample show the same digit, and the sound the stated speaker", () => {
  const labelOf = new Map([
    ...[written.train, written.test].map(({ image, ...rest }) => ({ values: image, ...rest })),
    ...[drawn.train, drawn.test].map(({ trajectory, ...rest }) => ({ values: trajectory, ...rest })),
  ].flatMap(({ values, count, label }) => digests(values, count).map((digest, row) => [digest, label[row]] as const)));
  const recordingOf = new Map(
    spoken.recordings.map((recording) => [digests(logMel(recording.samples), 1)[0], recording] as const),
  );
  for (const samples of Object.values(splits)) {
    const image = images(samples), sound = sounds(samples), trajectory = trajectories(samples);
    for (let row = 0; row < samples.count; row++) {
      assert.equal(labelOf.get(image[row]), samples.label[row]);
      assert.equal(labelOf.get(trajectory[row]), samples.label[row]);
      assert.equal(recordingOf.get(sound[row])!.digit, samples.label[row]);
      assert.equal(recordingOf.get(sound[row])!.speaker, samples.speaker[row]);
    }
  }
});

Deno.test("nothing is in two splits or twice in one; test images and trajectories are those of the test sets", () => {
  const all = Object.values(splits);
  assert.equal(new Set(all.flatMap(sounds)).size, 3000);
  for (
    const [of, tested] of [[images, digests(written.test.image, written.test.count)], [
      trajectories,
      digests(drawn.test.trajectory, drawn.test.count),
    ]] as const
  ) {
    assert.equal(new Set(all.flatMap(of)).size, 3000);
    const known = new Set(tested);
    assert.ok(of(data.test).every((one) => known.has(one)));
    assert.ok([data.train, data.validation].flatMap(of).every((one) => !known.has(one)));
  }
});

Deno.test("the test split has the recordings of the official test set, none of them is for training", () => {
  const official = spoken.recordings.filter(({ take }) => take < 5).map(({ samples }) =>
    digests(logMel(samples), 1)[0]
  );
  assert.deepEqual(sounds(data.test).sort(), official.sort());
});

Deno.test("the same seed gives the same pairs and splits, another seed others; the test recordings never change", async () => {
  const again = await spokenWrittenDigits({ seed: 42 });
  for (const split of ["train", "validation", "test"] as const) {
    assert.deepEqual(images(again[split]), images(data[split]));
    assert.deepEqual(sounds(again[split]), sounds(data[split]));
    assert.deepEqual(again[split].trajectory, data[split].trajectory);
  }
  const other = await spokenWrittenDigits({ seed: 7 });
  assert.notDeepEqual(images(other.test), images(data.test));
  assert.notDeepEqual(trajectories(other.test), trajectories(data.test));
  assert.notDeepEqual(sounds(other.validation), sounds(data.validation));
  assert.deepEqual(sounds(other.test), sounds(data.test));
});

Deno.test("the validation share can be none, and is a share", async () => {
  assert.deepEqual((await spokenWrittenDigits({ validation: 0 })).card.splits, {
    train: 2700,
    validation: 0,
    test: 300,
  });
  for (const validation of [-0.1, 1.1, NaN]) {
    await assert.rejects(spokenWrittenDigits({ validation }), /Expected validation to be a share from 0 to 1, got/);
  }
});
