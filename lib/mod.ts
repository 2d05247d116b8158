/**
 * Braid: multimodal contrastive learning in TypeScript.
 *
 * This file names what is public; every name lives in the folder under which it stands here.
 *
 * @module
 */

// engine: which device computes
export { compile, type CompiledStep, type CompileOptions, type TensorTree } from "./engine/compile.ts";
export { type Engine, type EngineName, engineNames, engineVersions, useEngine } from "./engine/engine.ts";
export { RandomStream } from "./engine/random.ts";
export { type RandomNumbers, randomNumbers } from "./engine/random_numbers.ts";

// nn: layers with PyTorch's semantics
export { gelu, quickGelu, silu } from "./nn/activations.ts";
export { AlexNetTrunk } from "./nn/alex_net.ts";
export {
  type AttentionMasks,
  type AttentionOptions,
  type AttentionParameters,
  causalMask,
  MultiHeadAttention,
  multiHeadAttention,
} from "./nn/attention.ts";
export { BatchNorm, batchNorm, type BatchNormOptions, type BatchNormParameters } from "./nn/batch_norm.ts";
export { Conv1d, conv1d, type Conv1dOptions } from "./nn/conv1d.ts";
export { Conv2d, conv2d, type Conv2dOptions } from "./nn/conv2d.ts";
export { ConvEncoder, type ImageEncoder } from "./nn/conv_encoder.ts";
export { ConvPoolEncoder, type ConvPoolEncoderOptions } from "./nn/conv_pool_encoder.ts";
export { ConvTranspose2d, convTranspose2d, type ConvTranspose2dOptions } from "./nn/conv_transpose2d.ts";
export { dropout } from "./nn/dropout.ts";
export { Embedding, embedding, type EmbeddingOptions } from "./nn/embedding.ts";
export { type FeatureEncoder } from "./nn/feature_encoder.ts";
export { GroupNorm, groupNorm } from "./nn/group_norm.ts";
export { GRU, gru, type GRUReading, type GRUResult } from "./nn/gru.ts";
export { type Initialization, setGlorotNormal } from "./nn/initialize.ts";
export { LayerNorm, layerNorm } from "./nn/layer_norm.ts";
export { Linear, linear, type LinearOptions } from "./nn/linear.ts";
export { LSTM, lstm, type LSTMReading, type LSTMState } from "./nn/lstm.ts";
export { Module } from "./nn/module.ts";
export { paddingAfter } from "./nn/padding.ts";
export { Perceptron, perceptron, type PerceptronParameters } from "./nn/perceptron.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  type AvgPoolOptions,
  maxPool1d,
  maxPool2d,
  type PoolOptions,
} from "./nn/pooling.ts";
export { sinCosPosition1d, sinCosPosition2d } from "./nn/positions.ts";
export { ProjectionHead, projectionHead, type ProjectionHeadParameters } from "./nn/projection_head.ts";
export { type RecurrentOptions, type RecurrentParameters } from "./nn/recurrent.ts";
export { BasicBlock, type ResNetOptions, ResNetTrunk } from "./nn/res_net.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./nn/safetensors.ts";
export { type PartSummary, summarize } from "./nn/summary.ts";
export { TransformerBlock, transformerBlock, type TransformerBlockParameters } from "./nn/transformer_block.ts";
export { TransformerEncoderLayer, type TransformerEncoderLayerOptions } from "./nn/transformer_encoder_layer.ts";
export { VectorEncoder } from "./nn/vector_encoder.ts";
export { type Pair } from "./nn/windows.ts";

// losses: one pure function a file
export { type ClassificationLoss } from "./losses/classification_loss.ts";
export { type ClipLoss, clipLoss } from "./losses/clip_loss.ts";
export { cmcLoss } from "./losses/cmc_loss.ts";
export { type CommLoss, commLoss, type CommLossOptions } from "./losses/comm_loss.ts";
export { crossEntropies } from "./losses/cross_entropies.ts";
export { type CrossInstanceMixture, crossInstanceMixture } from "./losses/cross_instance_mixture.ts";
export { crossSelfLoss, type CrossSelfLossOptions } from "./losses/cross_self_loss.ts";
export { type DmrnetLoss, dmrnetLoss, type DmrnetLossOptions } from "./losses/dmrnet_loss.ts";
export { geodesicMixup } from "./losses/geodesic_mixup.ts";
export { type GmcLoss, gmcLoss, type GmcLossOptions } from "./losses/gmc_loss.ts";
export { type GmcSupervisedLoss, gmcSupervisedLoss } from "./losses/gmc_supervised_loss.ts";
export { hardCombinationLoss, type HardCombinationLossOptions } from "./losses/hard_combination_loss.ts";
export { infoNCE, type InfoNCEOptions } from "./losses/info_nce.ts";
export { type KlOptions, klToStandardNormal } from "./losses/kl_to_standard_normal.ts";
export { type M3coLoss, m3coLoss, type M3coLossOptions } from "./losses/m3co_loss.ts";
export { m3coTotal, type M3coTotalOptions } from "./losses/m3co_total.ts";
export {
  type M3colLoss,
  m3colLoss,
  type M3colLossOptions,
  type M3coPhase,
  type SoftClipPhase,
} from "./losses/m3col_loss.ts";
export { type M3ixupInputs, type M3ixupLoss, m3ixupLoss, type M3ixupLossOptions } from "./losses/m3ixup_loss.ts";
export { m3ixupUnimodalLoss } from "./losses/m3ixup_unimodal_loss.ts";
export { type MixedEmbeddings, mixEmbeddings, type MixEmbeddingsOptions } from "./losses/mix_embeddings.ts";
export { type MixObjective, mixObjective, type MixObjectiveOptions, type Mixture } from "./losses/mix_objective.ts";
export { mixtureContrastiveLoss, type MixtureContrastiveLossOptions } from "./losses/mixture_contrastive_loss.ts";
export { type Mixup, mixup } from "./losses/mixup.ts";
export { mixupCrossEntropy, type MixupCrossEntropyOptions } from "./losses/mixup_cross_entropy.ts";
export { mixupTargets } from "./losses/mixup_targets.ts";
export { type RingLoss } from "./losses/modality_ring.ts";
export { type MultiModalLogits, multiModalLogits, type MultiModalOptions } from "./losses/multi_modal_logits.ts";
export { multiModalLoss } from "./losses/multi_modal_loss.ts";
export { type MultiModalLossFromLogits, multiModalLossFromLogits } from "./losses/multi_modal_loss_from_logits.ts";
export { multiSClipTotal } from "./losses/multi_s_clip_total.ts";
export {
  adaptMixture,
  type AdaptMixtureOptions,
  exploreMixture,
  type ExploreMixtureOptions,
} from "./losses/multimodal_mixup.ts";
export { type MutualInformationBounds, mutualInformationBounds } from "./losses/mutual_information_bounds.ts";
export { ntXent, type NtXentOptions } from "./losses/nt_xent.ts";
export { perturbMixture } from "./losses/perturb_mixture.ts";
export { type ProxyLayout } from "./losses/proxies.ts";
export { retrievalAccuracy } from "./losses/retrieval_accuracy.ts";
export { slipLoss, type SlipLossOptions } from "./losses/slip_loss.ts";
export { softClipLoss, type SoftClipLossOptions } from "./losses/soft_clip_loss.ts";
export { softTargetContrastive, type SoftTargetContrastiveOptions } from "./losses/soft_target_contrastive.ts";
export { supConLoss, type SupConLossOptions } from "./losses/sup_con_loss.ts";

// augment: views of a sample
export {
  augmentImages,
  type ImageAugmentation,
  mildCrop,
  normalizeImages,
  simClrLight,
  wholeImage,
} from "./augment/image.ts";
export { augmentSequences, dropNoise, type SequenceAugmentation } from "./augment/sequence.ts";
export { augmentVectors, type VectorAugmentation } from "./augment/vector.ts";

// datasets: one file a data set
export { type DatasetCard, type Samples } from "./datasets/card.ts";
export { mnist } from "./datasets/mnist.ts";
export {
  mosiModalities,
  type MosiModality,
  type MosiOptions,
  type MosiUtterances,
  readMosiUtterances,
} from "./datasets/mosi_utterances.ts";
export type { FeatureSequences } from "./datasets/feature_sequences.ts";
export {
  multiBenchModalities,
  type MultiBenchModality,
  type MultiBenchSplit,
  readMultiBench,
} from "./datasets/multibench.ts";
export { multipleFeatures, type MultipleFeaturesView } from "./datasets/multiple_features.ts";
export {
  type MultiviewBatch,
  multiviewBatch,
  type MultiviewDataset,
  type MultiviewSamples,
  type View,
} from "./datasets/multiview.ts";
export { nutrimouse, type NutrimouseView } from "./datasets/nutrimouse.ts";
export { spokenDigits } from "./datasets/spoken_digits.ts";
export { penDigits } from "./datasets/pen_digits.ts";
export { spokenWrittenDigits, type SpokenWrittenDigitSamples } from "./datasets/spoken_written_digits.ts";
export { type StandardizedViews, standardizeViews } from "./datasets/standardize_views.ts";
export { tcgaBrca, type TcgaBrcaView } from "./datasets/tcga_brca.ts";
export {
  COLORS,
  SHAPES,
  SYNERGY_COLOR,
  TEXTURES,
  type Trifeature,
  trifeature,
  type TrifeatureImages,
  type TrifeaturePairs,
  type TrifeatureTask,
} from "./datasets/trifeature.ts";

// training: the loop, optimisers, schedules
export { Adam, type AdamOptions } from "./training/adam.ts";
export { AdamW } from "./training/adam_w.ts";
export { type Checkpoint, Checkpoints, type Json, type Stateful } from "./training/checkpoints.ts";
export { clipGradientNorm } from "./training/clip_gradient_norm.ts";
export { type Objective, Optimizer } from "./training/optimizer.ts";
export { stepLr, type StepOptions, warmupCosineLr, type WarmupCosineOptions } from "./training/schedules.ts";
export { SGD, type SGDOptions } from "./training/sgd.ts";
export { batchesOf, DivergenceError, train, type TrainingReport, type TrainOptions } from "./training/train.ts";

// plots: figures as values
export { kindColors, roleColors } from "./plots/colors.ts";
export { contributionHeatmap } from "./plots/contribution_heatmap.ts";
export { diagram } from "./plots/diagram.ts";
export { embeddingMap } from "./plots/embedding_map.ts";
export { Figure } from "./plots/figure.ts";
export { forestPlot } from "./plots/forest_plot.ts";
export { imageGrid } from "./plots/image_grid.ts";
export { informationBars } from "./plots/information_bars.ts";
export { interactionMap } from "./plots/interaction_map.ts";
export { learningCurves } from "./plots/learning_curves.ts";
export { modalityLattice } from "./plots/modality_lattice.ts";
export { probeBars } from "./plots/probe_bars.ts";
export { reliabilityDiagram } from "./plots/reliability_diagram.ts";
export { similarityMatrix } from "./plots/similarity_matrix.ts";
export { synergyBrackets } from "./plots/synergy_brackets.ts";
export { ternaryPlot } from "./plots/ternary_plot.ts";

// notebook: what a cell shows
export { type Displayable, liveLine, markdown, showLedger, table } from "./notebook/display.ts";
export { check } from "./notebook/exercises.ts";
export { chooseSettings, SettingsError } from "./notebook/settings.ts";
export { show, type Showable, type Shown, type Sound } from "./notebook/show.ts";
export { type TrainingCurve, watchTraining } from "./notebook/watch_training.ts";

// evaluation: probes, metrics, intervals, the claims ledger
export { bootstrapInterval } from "./evaluation/bootstrap.ts";
export { expectedCalibrationError } from "./evaluation/calibration.ts";
export { type Claim, type Measurement, percentOfSeeds } from "./evaluation/claim.ts";
export { classificationMetrics } from "./evaluation/classification_metrics.ts";
export { type Frame } from "./evaluation/frame.ts";
export {
  accuracyTable,
  interactionCounts,
  interactionKinds,
  interactionShares,
} from "./evaluation/interaction_counts.ts";
export { type Interval, scaleInterval, seedInterval, wilsonInterval } from "./evaluation/interval.ts";
export { Ledger, ledger, readLedger, writeLedger } from "./evaluation/ledger.ts";
export { linearProbe, type LinearProbeResult } from "./evaluation/linear_probe.ts";
export { LogisticProbe, logisticProbe } from "./evaluation/logistic_probe.ts";
export { type ModalityFeatures, modalityProbes, type ModalityProbesResult } from "./evaluation/modality_probes.ts";
export { type ModalityReliance, modalityReliance } from "./evaluation/modality_reliance.ts";
export { holm } from "./evaluation/multiple_comparisons.ts";
export { neighbourAgreement, neighbourMap } from "./evaluation/neighbour_map.ts";
export { readRecordedRun, type RecordedRun, writeRecordedRun } from "./evaluation/recorded_run.ts";
export { discoverSlices, type Slice, type SliceReport } from "./evaluation/slices.ts";
export { type SubgroupReport, subgroups } from "./evaluation/subgroup_report.ts";
export { subgroupAccuracy } from "./evaluation/subgroups.ts";
export { type Evidence, judge, type Judgement } from "./evaluation/verdict.ts";

// interactions: shared, unique, synergistic information
export { type AccuracyBounds, accuracyBounds, type LabelInformation } from "./interactions/accuracy_bounds.ts";
export { type BoundGaps, boundGaps } from "./interactions/bound_gaps.ts";
export {
  type DataPid,
  dataPid,
  type DataPidOptions,
  type InformationEstimate,
  type Source,
} from "./interactions/data_pid.ts";
export { discretize, type DiscretizeOptions } from "./interactions/discretize.ts";
export {
  type GaussianDesign,
  type GaussianModalities,
  gaussianModalities,
  type GaussianOptions,
} from "./interactions/gaussian_modalities.ts";
export { gateDistribution, type GateOptions } from "./interactions/gates.ts";
export { type InformationTerms, informationTerms, minimumInformation } from "./interactions/information_terms.ts";
export { jointDistribution, type States } from "./interactions/joint_distribution.ts";
export { type MajorizationMeet, majorizationMeet } from "./interactions/majorization_meet.ts";
export { oneAgainstRestPid, type PairPid, pairwisePid, type RestPid } from "./interactions/modality_pids.ts";
export { type NeuralPid, neuralPid, type NeuralPidOptions, type PairedFeatures } from "./interactions/neural_pid.ts";
export { brojaPid, type BrojaPidOptions, type PartialInformation } from "./interactions/partial_information.ts";
export { principalComponents } from "./interactions/principal_components.ts";
export {
  type AtomName,
  atomNames,
  compareAtoms,
  type ComparedAtom,
  type ComparedMethod,
  readRecordedAtoms,
  type RecordedAtoms,
  recordedAtomsPath,
} from "./interactions/recorded_atoms.ts";
export { type SamplingBias, samplingBias, type SamplingBiasOptions } from "./interactions/sampling_bias.ts";
export { type SynergyBounds, synergyBounds } from "./interactions/synergy_bounds.ts";

// methods: one folder a paper
export { featureTokenizer, ImageTokens, PatchAdapter, patchAdapter, PooledImage } from "./methods/comm/adapters.ts";
export { CMC, type CMCOptions } from "./methods/comm/cmc.ts";
export { CoMM, type CoMMOptions, type Fusion, type TokenEncoder } from "./methods/comm/comm.ts";
export { Cross, CrossSelf } from "./methods/comm/cross.ts";
export { FactorCL, type FactorCLOptions, type FactorTerms, type FactorViews } from "./methods/comm/factor_cl.ts";
export { fuseMasks, FusionTransformer, fusionTransformer } from "./methods/comm/fusion_transformer.ts";
export { linearFusion } from "./methods/comm/linear_fusion.ts";
export { commMasks } from "./methods/comm/masks.ts";
export { pairScores } from "./methods/comm/pair_critic.ts";
export { SequenceEncoder, type SequenceEncoderOptions } from "./methods/comm/sequence_encoder.ts";
export { VectorFusion, vectorFusion, type VectorFusionParameters } from "./methods/comm/vector_fusion.ts";
export {
  combinationsFromUniform,
  type DrawnCombinations,
  modalityCombinations,
} from "./methods/dmrnet/combinations.ts";
export {
  DMRNet,
  type DMRNetBatch,
  type DMRNetDraws,
  type DMRNetLoss,
  type DMRNetOptions,
} from "./methods/dmrnet/dmrnet.ts";
export { headSliceLogits } from "./methods/dmrnet/head_slice_logits.ts";
export { maskedConcat } from "./methods/dmrnet/masked_concat.ts";
export {
  combinationMeans,
  type CombinationStatistics,
  combinationStatistics,
  type CombinationStatisticsOptions,
  HardCombinationMiner,
  type MinedCombinations,
  mineHardCombinations,
  type MiningOptions,
} from "./methods/dmrnet/mining.ts";
export {
  type NormalizedLinearParameters,
  type PmeHead,
  pmeHead,
  type PmeHeadOptions,
  type PmeHeadParameters,
  type PmeOutput,
  type PmeSample,
  pmeSample,
  ProbabilisticEmbedding,
} from "./methods/dmrnet/probabilistic_embedding.ts";
export { minMaxScale } from "./methods/m3col/min_max_scale.ts";
export { drawMixing, type Mixing, type MixingOptions } from "./methods/m3col/mixing.ts";
export {
  M3CoL,
  m3colForward,
  type M3colModelOptions,
  type M3colOutputs,
  type M3colParameters,
  type M3colTrainingOptions,
} from "./methods/m3col/omics_model.ts";
export { m3colPhase, type M3colPhaseOptions, m3colSwitchEpoch } from "./methods/m3col/phase.ts";
export { gmcFuse } from "./methods/m3ixup/gmc_fuse.ts";
export { GMC, type GmcMode, type GmcOptions } from "./methods/m3ixup/gmc_model.ts";
export { M3ixup, type M3ixupDraws, m3ixupDraws, type M3ixupOptions } from "./methods/m3ixup/m3ixup.ts";
export { LinearFusion, SumFusion } from "./methods/multimodal_loss/baselines.ts";
export { DeepLinearBranch, EncoderBranch, type UnimodalBranch } from "./methods/multimodal_loss/branches.ts";
export { DecisionFusion } from "./methods/multimodal_loss/decision_fusion.ts";
export { linearFusionLoss } from "./methods/multimodal_loss/linear_fusion_loss.ts";
export { MultiModal, type MultiModalModelOptions } from "./methods/multimodal_loss/multi_modal.ts";
export { type ProxyAssignments, proxyAssignments } from "./methods/multimodal_loss/proxy_assignments.ts";
export { sumFusionLoss } from "./methods/multimodal_loss/sum_fusion_loss.ts";
