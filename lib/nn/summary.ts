import type { Module } from "./module.ts";

/** Parameters of one part of a model. */
export interface PartSummary {
  part: string;
  tensors: number;
  parameters: number;
}

/**
 * A model by its parts: how many tensors and numbers are trained in each.
 *
 * @param model Any module.
 * @param depth How many fields deep a part is named. Default 2.
 * @returns One row a part, and the total.
 */
export function summarize(model: Module, depth = 2): PartSummary[] {
  const parts = new Map<string, PartSummary>();
  for (const [name, { size }] of model.parameters()) {
    const fields = name.split("."), part = fields.slice(0, Math.min(depth, fields.length - 1)).join(".") || fields[0];
    const summary = parts.get(part) ?? { part, tensors: 0, parameters: 0 };
    parts.set(part, { part, tensors: summary.tensors + 1, parameters: summary.parameters + size });
  }
  const tensors = model.parameters().length;
  return [...parts.values(), { part: "all", tensors, parameters: model.parameterCount }];
}
