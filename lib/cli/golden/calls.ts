import type { Call } from "./call.ts";
import { commCalls } from "./calls_comm.ts";
import { commonCalls } from "./calls_common.ts";
import { dmrnetCalls } from "./calls_dmrnet.ts";
import { m3colCalls } from "./calls_m3col.ts";
import { m3ixupCalls } from "./calls_m3ixup.ts";
import { metricsCalls } from "./calls_metrics.ts";
import { multimodalLossCalls } from "./calls_multimodal_loss.ts";
import { optimCalls } from "./calls_optim.ts";
import { pidCalls } from "./calls_pid.ts";
import { relatedCalls } from "./calls_related.ts";

/** Every golden function that the library has, by name; one file for each folder of golden vectors. */
export const calls: Record<string, Call> = {
  ...commCalls,
  ...commonCalls,
  ...dmrnetCalls,
  ...m3colCalls,
  ...m3ixupCalls,
  ...metricsCalls,
  ...multimodalLossCalls,
  ...optimCalls,
  ...pidCalls,
  ...relatedCalls,
};
