import fc from "fast-check";
import assert from "node:assert/strict";
import { createMessage, isMessage, type Message, packMessage, parseMessage, sign } from "braid/jupyter/messages.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (digits: string) => Uint8Array.fromHex(digits);

Deno.test("sign() agrees with the test cases of RFC 4231 that a text key can express", () => {
  const message = [bytes("what do ya want for nothing?")];
  assert.equal(sign("Jefe", message), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const binary = [hex("dd".repeat(25)), hex("dd".repeat(25))], ascii = "\x0b".repeat(20);
  assert.equal(sign(ascii, [bytes("Hi There")]), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  assert.notEqual(sign(ascii, binary), sign(ascii, [hex("dd".repeat(49))]));
});

Deno.test("an empty key means that messages are not signed", () => {
  assert.equal(sign("", [bytes("anything")]), "");
  const message = createMessage("status", { execution_state: "idle" }, "me");
  assert.deepEqual(parseMessage(packMessage(message, ""), ""), message);
});

const json = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 });
const messages: fc.Arbitrary<Message> = fc.record({
  identities: frames,
  header: fc.record({
    msg_id: fc.string(),
    session: fc.string(),
    username: fc.string(),
    date: fc.string(),
    msg_type: fc.string(),
    version: fc.string(),
  }, { noNullPrototype: true }),
  parent: fc.constant({}),
  metadata: json,
  content: json,
  buffers: frames,
}, { noNullPrototype: true });
const survives = (value: unknown) => JSON.parse(JSON.stringify(value));

Deno.test("a packed message is read back as it was, whatever it contains", () => {
  fc.assert(fc.property(messages, fc.string(), (message, key) => {
    const { header, metadata, content } = survives(message);
    assert.deepEqual(parseMessage(packMessage(message, key), key), { ...message, header, metadata, content });
  }));
});

Deno.test("a message is refused when any bit of its signed parts has changed", () => {
  const message = createMessage("stream", { name: "stdout", text: "é\n" }, "me"), packed = packMessage(message, "key");
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (part, at, bit) => {
    const changed = packed.map((frame) => frame.slice());
    changed[part][at % changed[part].length] ^= 1 << bit;
    assert.throws(() => parseMessage(changed, "key"), /signature/);
  }));
});

Deno.test("frames that are no message are refused with what is missing", () => {
  assert.throws(() => parseMessage([], "key"), /a frame <IDS\|MSG>, got none in 0 frames/);
  assert.throws(() => parseMessage([bytes("<IDS|MSG>"), bytes("")], "key"), /signature and 4 parts, got 1/);
  const signed = (
    ...parts: string[]
  ) => [bytes("<IDS|MSG>"), bytes(sign("key", parts.map(bytes))), ...parts.map(bytes)];
  assert.throws(() => parseMessage(signed("{}", "{}", "{}", "{}"), "key"), /msg_type and msg_id, got {}/);
  assert.throws(() => parseMessage(signed("[1]", "{}", "{}", "{}"), "key"), /JSON object, got \[1\]/);
  assert.throws(() => parseMessage(signed("{", "{}", "{}", "{}"), "key"), /JSON object, got {/);
});

Deno.test("isMessage() tells types apart", () => {
  const message: Message = createMessage("clear_output", { wait: true }, "me");
  assert.ok(isMessage(message, "clear_output"));
  assert.ok(!isMessage(message, "stream"));
});
