// Plotly's figure specification as plain data. Its attributes: https://plotly.com/javascript/reference/

/** A value that JSON can hold; `undefined` attributes count as absent. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** One series of a figure, `type` naming its kind ("scatter", "bar", "heatmap", …). */
export interface PlotlyTrace {
  readonly type: string;
  readonly [attribute: string]: Json;
}

/** Everything about a figure but its series. */
export interface PlotlyLayout {
  readonly [attribute: string]: Json;
}

/** A figure as plotly.js takes it. */
export interface PlotlySpec {
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout & { readonly width: number; readonly height: number };
}

/**
 * Name of shapes, annotations and traces that belong to a colour scale, such as the cells of a heat map and the numbers in
 * them: like scales, they look the same in a light and in a dark page.
 */
export const ON_SCALE = "on scale";
