/**
 * What code prints, in fewer messages.
 *
 * @module
 */

import type { MessageContents } from "./messages.ts";

type Stream = MessageContents["stream"];

/** Milliseconds for which text is held back: less than a reader notices, and twenty messages a second at most. */
const HOLD = 50;

/**
 * Joins the text of successive stream messages, since a page stands still under twenty thousand of them.
 *
 * @example
 * ```ts
 * import { StreamJoiner } from "braid/jupyter/stream_joiner.ts";
 * import assert from "node:assert/strict";
 *
 * const sent: unknown[] = [];
 * const joiner = new StreamJoiner((stream) => sent.push(stream));
 * joiner.add({ name: "stdout", text: "a\n" });
 * joiner.add({ name: "stdout", text: "b\n" });
 * joiner.flush();
 * assert.deepEqual(sent, [{ name: "stdout", text: "a\nb\n" }]);
 * ```
 */
export class StreamJoiner {
  readonly #send: (stream: Stream) => void;
  #name: Stream["name"] = "stdout";
  #texts: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Joined text goes to `send`. */
  constructor(send: (stream: Stream) => void) {
    this.#send = send;
  }

  /** Takes in text, which is sent soon, and after text of the other stream. */
  add({ name, text }: Stream): void {
    if (name !== this.#name) this.flush();
    this.#name = name;
    this.#texts.push(text);
    this.#timer ??= setTimeout(() => this.flush(), HOLD);
  }

  /** Sends what is held back, before something else is sent. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#texts.length === 0) return;
    const text = this.#texts.join("");
    this.#texts = [];
    this.#send({ name: this.#name, text });
  }
}
