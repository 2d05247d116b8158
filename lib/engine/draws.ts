// Random numbers that JavaScript draws would stand in a recorded step for ever: whoever records hears of each draw.

type Listener = (source: string) => void;

let listener: Listener | null = null;

/** Says that a number is being drawn in JavaScript. */
export function announceDraw(source: string): void {
  listener?.(source);
}

/**
 * Calls `heard` before each draw by `Math.random()`, `crypto.getRandomValues()` or `randomNumbers()`.
 *
 * @returns Ends that.
 */
export function listenToDraws(heard: Listener): () => void {
  const { random } = Math, getRandomValues = crypto.getRandomValues.bind(crypto);
  listener = heard;
  Math.random = () => {
    announceDraw("Math.random()");
    return random();
  };
  crypto.getRandomValues = (array) => {
    announceDraw("crypto.getRandomValues()");
    return getRandomValues(array);
  };
  return () => {
    listener = null;
    Math.random = random;
    Reflect.deleteProperty(crypto, "getRandomValues"); // the one that all crypto objects have is back
  };
}
