// tfjs-node's kernels call two functions that node:util has dropped. Import this file before any of those kernels.

import { createRequire } from "node:module";

const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
util.isArray ??= Array.isArray;
