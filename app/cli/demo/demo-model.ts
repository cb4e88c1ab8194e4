/** The model that the demo serves: the committed one for its own shop, else the live one, else one trained now. */
import { join } from "node:path"
import { AppError } from "../../errors.ts"
import { liveModel, publishModel, registerModel } from "../../scoring/registry.server.ts"
import { startProgress } from "../progress.ts"
import { train } from "../train.ts"

const COMMITTED = join(import.meta.dirname, "..", "..", "..", "ml", "demo-model")

/**
 * A log of somebody's own is trained on, which needs Python; where that cannot be, item-kNN serves and the demo says
 * so: a model that has not beaten its baselines on this log is not published for it.
 */
export async function chooseModel(
  shopId: number,
  { home, domain, isDemoShop }: { home: string; domain: string; isDemoShop: boolean },
): Promise<void> {
  const live = await liveModel(shopId)
  if (isDemoShop) {
    const progress = startProgress("Checking the model")
    const modelId = await registerModel(shopId, COMMITTED)
    if (live?.modelId !== modelId) await publishModel(shopId, modelId)
    return progress.end(`${(await liveModel(shopId))?.version} is live`)
  }
  if (live) return startProgress("Model").end(`${live.version}, trained on this log before, is live`)
  try {
    process.stderr.write(
      "Training a model on this log (minutes, not seconds; Ctrl+C and a second run go on from there)\n",
    )
    await train(home, { shop: domain, seed: "1" })
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "missing_tool" && error.code !== "not_enough_data"))
      throw error
    process.stderr.write(`! No model for this log; the fallback serves. ${error.message}\n`)
  }
}
