import { createHash } from "node:crypto"
import { z } from "zod"

/**
 * Holdout by a stable hash: the same unit of the same shop is always on the same side, in every process, before
 * anything is ranked. Raising the share adds units and moves none (the hash is compared with a threshold).
 */
export type Assignment = "holdout" | "treated"

/**
 * One in ten: enough to measure an uplift within weeks in a shop of some thousand visitors, few enough not to cost
 * the merchant much. 0 turns the experiment off.
 */
export const DEFAULT_HOLDOUT_SHARE = 0.1

/** Part `experiment` of a shop's settings. */
export const experimentSettings = z.object({
  /** Share of shoppers, 0–0.5, who see the shop's own theme. */
  holdoutShare: z.number().min(0).max(0.5).default(DEFAULT_HOLDOUT_SHARE),
})

/** Changing it reassigns everybody: only with a new experiment. */
const EXPERIMENT = "slates-2"

/** Where a unit stands, uniform in [0, 1). `unit` is a keyed hash, never a name itself. */
export function unitPosition(shopId: number, unit: string): number {
  const digest = createHash("sha256").update(`${EXPERIMENT}\u0000${shopId}\u0000${unit}`).digest()
  return digest.readUInt32BE(0) / 2 ** 32
}

export function assignmentOf(shopId: number, unit: string, holdoutShare: number): Assignment {
  return unitPosition(shopId, unit) < holdoutShare ? "holdout" : "treated"
}
