// What a cell shows and publishes, without a kernel.

import type { Displayable } from "braid/notebook/display.ts";

/** What a kernel gets of a value at the end of a cell. */
export const bundleOf = (view: Displayable): Record<string, unknown> =>
  view[Symbol.for("Jupyter.display") as keyof Displayable]();

/** A message of the kind that rewrites a line. */
export interface Sent {
  type: string;
  content: { data: Record<string, string>; transient: { display_id: string } };
}

/** Pretends to be in a kernel until disposed, and keeps what is published. */
export function broadcasts(): { sent: Sent[] } & Disposable {
  const deno = Deno as { jupyter?: unknown }, sent: Sent[] = [];
  deno.jupyter = {
    broadcast: (type: string, content: Sent["content"]) => {
      sent.push({ type, content });
      return Promise.resolve();
    },
  };
  return { sent, [Symbol.dispose]: () => deno.jupyter = undefined };
}
