import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { AppError } from "../errors.ts"
import type { CatalogueItem } from "../features/catalogue.ts"
import type { Catalogue } from "../features/history-inputs.ts"
import { log } from "../log.server.ts"
import type { Blend } from "../scoring/blend.ts"
import { cachedModelFiles } from "../scoring/model-cache.server.ts"
import { parseItems } from "../scoring/model-files.ts"
import { type LiveModel, liveModel } from "../scoring/registry.server.ts"
import { forgetModel, keepModel, setEligible } from "../scoring/scorer.server.ts"
import type { ItemArrays } from "../scoring/scorer-protocol.ts"
import { type KnownTexts, towerInputs } from "./tower-inputs.server.ts"

/** A model with the item matrix of one state of the catalogue, as the scorer knows it by `key`. */
export type ServingModel = {
  modelId: string
  version: string
  key: string
  blend: Blend
  texts: KnownTexts
}

export type LoadedModel =
  | { model: ServingModel; problem: null }
  | { model: null; problem: "no_model" | "model_refused" }

export type ModelItems = {
  items: readonly CatalogueItem[]
  catalogue: Catalogue
  /** (rows,) uint8 */
  eligible: Uint8Array
}

/**
 * Loads the shop's live model over its catalogue into the scorer. Where only availability changed the matrix stays;
 * where a new model may not serve and the products are the same ones, the previous model goes on.
 */
export async function loadLiveModel(
  shopId: number,
  { items, catalogue, eligible }: ModelItems,
  previous: { model: ServingModel | null; sameProducts: boolean } | null,
): Promise<LoadedModel> {
  const live = await liveModel(shopId)
  if (live === null) return { model: null, problem: "no_model" }
  const refuse = (reason: string): LoadedModel => {
    log.error({ shopId, modelId: live.modelId, reason }, "the live model may not serve")
    if (previous?.model && previous.sameProducts) return { model: previous.model, problem: null }
    return { model: null, problem: "model_refused" }
  }
  try {
    const files = await cachedModelFiles(shopId, live.modelId)
    const known = parseItems(await readFile(files["items.json"].path))
    const { inputs, texts } = await towerInputs(
      items,
      catalogue.priceEdges,
      known,
      previous?.model?.texts ?? null,
    )
    const model = {
      modelId: live.modelId,
      version: live.version,
      key: keyOf(shopId, live, inputs),
      blend: live.manifest.blend,
      texts,
    }
    if (previous?.model?.key === model.key) {
      setEligible(model.key, eligible)
      return { model, problem: null }
    }
    const outcome = await keepModel({
      type: "load",
      key: model.key,
      modelSha: live.sha256,
      files,
      ...inputs,
      eligible,
    })
    if (outcome.state !== "refused") return { model, problem: null }
    forgetModel(model.key)
    return refuse(outcome.message)
  } catch (error) {
    // The model itself is wrong; anything else (a database that is down) is tried again at the next check.
    if (error instanceof AppError && (error.code === "bad_model" || error.code === "not_found"))
      return refuse(error.message)
    throw error
  }
}

/** Model and everything that the tower reads: the same key means the same matrix. */
function keyOf(shopId: number, live: LiveModel, inputs: ItemArrays): string {
  const hash = createHash("sha256").update(live.sha256)
  for (const part of [inputs.itemTokens, inputs.itemText, inputs.itemPrice, inputs.itemId]) hash.update(part)
  return `${shopId}:${hash.digest("hex").slice(0, 24)}`
}
