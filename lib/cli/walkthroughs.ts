// The walkthroughs by name.

import { join } from "node:path";
import { interactionPresets } from "../interactions/presets.ts";
import { trifeaturePresets } from "../methods/comm/settings.ts";

/** A notebook that can be run by name. */
export interface Walkthrough {
  /** The notebook's path. */
  notebook: string;
  /** Title of its page. */
  title: string;
  /** Settings by preset; what `--set` may replace. */
  presets: Record<string, object>;
}

const notebook = (file: string) => join(import.meta.dirname!, "../../notebooks", file);

/** All walkthroughs, in reading order. */
export const walkthroughs: Record<string, Walkthrough> = {
  comm: {
    notebook: notebook("01-comm.ipynb"),
    title: "CoMM: what to align in multimodal contrastive learning?",
    presets: trifeaturePresets,
  },
  interactions: {
    notebook: notebook("06-interactions.ipynb"),
    title: "Shared, unique, synergistic: from bits to recorded data",
    presets: interactionPresets,
  },
};
