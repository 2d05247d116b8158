// All workloads by name, and the PyTorch script with the twin of each.

import type { WorkloadBuilder } from "./workload.ts";
import { commMosi, commMosiWithoutDropout, commTrifeature224, commTrifeature64 } from "./workloads/comm.ts";
import { gmcMhd, m3ixupMhd } from "./workloads/m3ixup.ts";
import { dmrnetDigits3, dmrnetMlp2 } from "./workloads/dmrnet.ts";
import { m3colM3co, m3colMultiSClip } from "./workloads/m3col.ts";
import { mlp } from "./workloads/mlp.ts";
import { multimodalLossAv, multimodalLossEhh } from "./workloads/multimodal_loss.ts";

/** Where a workload is built, on both sides. */
export interface WorkloadEntry {
  build: WorkloadBuilder;
  /** File in `pytorch/`. */
  twin: string;
  /** Both sides draw dropout's masks inside the model: their losses are compared without it. */
  hasDropout?: boolean;
}

export const workloads: Record<string, WorkloadEntry> = {
  "mlp": { build: mlp, twin: "mlp.py" },
  "comm-trifeature-64": { build: commTrifeature64, twin: "comm.py" },
  "comm-trifeature-64-clsonly": { build: commTrifeature64, twin: "comm.py" },
  "comm-trifeature-224": { build: commTrifeature224, twin: "comm.py" },
  "comm-multibench-mosi": { build: commMosi, twin: "comm.py", hasDropout: true },
  "comm-multibench-mosi-nodrop": { build: commMosiWithoutDropout, twin: "comm.py" },
  "gmc-mhd": { build: gmcMhd, twin: "m3ixup.py" },
  "m3ixup-mhd": { build: m3ixupMhd, twin: "m3ixup.py" },
  "multimodal-loss-av": { build: multimodalLossAv, twin: "multimodal_loss.py" },
  "multimodal-loss-ehh": { build: multimodalLossEhh, twin: "multimodal_loss.py" },
  "dmrnet-mlp2-1024": { build: dmrnetMlp2, twin: "dmrnet.py" },
  "dmrnet-digits3": { build: dmrnetDigits3, twin: "dmrnet.py" },
  "m3col-rosmap-m3co": { build: () => m3colM3co(1000), twin: "m3col.py" },
  "m3col-rosmap-multisclip": { build: () => m3colMultiSClip(1000), twin: "m3col.py" },
  "m3col-rosmap-w256-m3co": { build: () => m3colM3co(256), twin: "m3col.py" },
  "m3col-rosmap-w256-multisclip": { build: () => m3colMultiSClip(256), twin: "m3col.py" },
};
