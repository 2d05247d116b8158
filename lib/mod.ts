/**
 * Braid: multimodal contrastive learning in TypeScript.
 *
 * This file names what is public; every export lives in the folder that its comment names.
 *
 * @module
 */
