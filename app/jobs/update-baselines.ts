import { updateBaselines } from "../scoring/baselines.server.ts"

/** Refreshes what answers when the model cannot: popularity and item-kNN. */
export async function runUpdateBaselines(shopId: number): Promise<void> {
  await updateBaselines(shopId, { asOf: new Date() })
}
