/**
 * What serving knows of a shop between requests: its products in the numbering of the item matrix, the mask of what
 * may be shown, settings, baselines and the live model, loaded into the scorer. It is built once and then checked
 * against the database's stamp every few seconds, in the background: requests use the last whole state and never a
 * mixture of two.
 */

import { withShopSql } from "../db.server.ts"
import { experimentSettings } from "../experiment/assignment.ts"
import { type CatalogueItem, catalogueOf } from "../features/catalogue.ts"
import type { Catalogue } from "../features/history-inputs.ts"
import { log } from "../log.server.ts"
import { type Baselines, updateBaselines } from "../scoring/baselines.server.ts"
import { forgetModel } from "../scoring/scorer.server.ts"
import { eligibleForAll } from "./eligibility.ts"
import { type LoadedModel, loadLiveModel } from "./live-model.server.ts"
import { type Merchandising, merchandisingSettings } from "./merchandising.ts"
import { readShop, readStamp, settingsPart } from "./read-shop.server.ts"
import type { ShopProduct } from "./shop-product.ts"

export type ShopContext = {
  shopId: number
  /** Row r of the item matrix is products[r − 1]. */
  products: readonly ShopProduct[]
  rowByProduct: ReadonlyMap<number, number>
  rowByExternalId: ReadonlyMap<string, number>
  catalogue: Catalogue
  /** (rows,) 1 where a product may be shown to anybody. */
  eligible: Uint8Array
  rules: Merchandising
  pinnedRows: readonly number[]
  holdoutShare: number
  baselines: Baselines
  /** The live model as loaded, or why there is none to ask. */
  live: LoadedModel
}

/** A sold-out product is out of every slate within so long; a query of some 0.1 ms each time. */
const CHECK_EVERY_MS = 2_000

/** By then every request that began before a change has its answer. */
const REQUESTS_OVER_MS = 1_000

/** Shops that one process keeps; the least recently used leave first. */
const MOST_SHOPS = 100

type Held = {
  context: ShopContext
  stamp: string
  checkedMs: number
  checking: Promise<void> | null
}

const held = new Map<number, Held>()
const building = new Map<number, Promise<Held>>()

/** The shop's context. Waits for the database only the first time. */
export async function shopContext(shopId: number): Promise<ShopContext> {
  const known = held.get(shopId)
  if (known === undefined) return (await buildOnce(shopId)).context
  held.delete(shopId)
  held.set(shopId, known)
  if (performance.now() - known.checkedMs > CHECK_EVERY_MS && known.checking === null)
    known.checking = refresh(shopId, known)
      .catch((error: unknown) =>
        log.warn({ shopId, error: String(error) }, "the shop's catalogue was not checked"),
      )
      .finally(() => {
        known.checkedMs = performance.now()
        known.checking = null
      })
  return known.context
}

/** Brings the shop's context up to the database's state and waits for it, model included. For starts, jobs and tests. */
export async function freshContext(shopId: number): Promise<ShopContext> {
  const known = held.get(shopId)
  if (known === undefined) return (await buildOnce(shopId)).context
  await known.checking?.catch(() => undefined)
  await refresh(shopId, known)
  return held.get(shopId)?.context ?? known.context
}

/** As `freshContext` for a process that starts: a shop that cannot be read is logged and tried again when it asks. */
export async function warmShop(shopId: number): Promise<void> {
  try {
    await freshContext(shopId)
  } catch (error) {
    log.warn({ shopId, error: String(error) }, "the shop was not made ready; its first request tries again")
  }
}

/** Forgets all shops, and their models in the scorer, once nothing of them is under way. */
export async function forgetShops(): Promise<void> {
  await Promise.allSettled([...building.values(), ...computing.values()])
  await Promise.allSettled([...held.values()].map((one) => one.checking))
  for (const one of held.values()) if (one.context.live.model) forgetModel(one.context.live.model.key)
  held.clear()
}

function buildOnce(shopId: number): Promise<Held> {
  const started = building.get(shopId)
  if (started) return started
  const build = buildContext(shopId, null).finally(() => building.delete(shopId))
  building.set(shopId, build)
  return build
}

async function refresh(shopId: number, known: Held): Promise<void> {
  const stamp = await withShopSql(shopId, (client) => readStamp(client, shopId))
  if (stamp !== known.stamp) await buildContext(shopId, known)
}

async function buildContext(shopId: number, previous: Held | null): Promise<Held> {
  const { stamp, settings, rows, rowByProduct, baselines } = await readShop(shopId)
  if (!baselines.computed && rows.length > 0) computeInBackground(shopId)
  const rules = settingsPart(
    shopId,
    merchandisingSettings,
    merchandisingSettings.parse({}),
    "merchandising",
    settings,
  )
  const experiment = settingsPart(
    shopId,
    experimentSettings,
    experimentSettings.parse({}),
    "experiment",
    settings,
  )
  const products = rows.map(
    (row): ShopProduct => ({
      productId: row.product_id,
      externalId: row.external_id,
      title: row.title,
      category: row.category,
      brand: row.brand,
      priceCents: row.price_cents,
      currency: row.currency,
      imageUrl: row.image_url,
      available: row.available,
      consumable: row.consumable,
      excluded: row.excluded,
    }),
  )
  const items = rows.map(
    (row): CatalogueItem => ({
      productId: row.product_id,
      externalId: row.external_id,
      title: row.title,
      description: row.description,
      category: row.category,
      brand: row.brand,
      priceCents: row.price_cents,
      available: row.available,
    }),
  )
  const rowByExternalId = new Map(rows.map((row, index) => [row.external_id, index + 1]))
  const catalogue = catalogueOf(items)
  const eligible = eligibleForAll(products, rules)
  const before = previous?.context
  const live = await loadLiveModel(
    shopId,
    { items, catalogue, eligible },
    before
      ? {
          model: before.live.model,
          sameProducts:
            before.products.length === products.length &&
            products.every((product, index) => before.products[index]?.productId === product.productId),
        }
      : null,
  )
  const context: ShopContext = {
    shopId,
    products,
    rowByProduct,
    rowByExternalId,
    catalogue,
    eligible,
    rules,
    pinnedRows: rules.pinned.flatMap((externalId) => rowByExternalId.get(externalId) ?? []),
    holdoutShare: experiment.holdoutShare,
    baselines,
    live,
  }
  const now: Held = {
    context,
    stamp,
    checkedMs: performance.now(),
    checking: null,
  }
  keep(shopId, now, previous)
  return now
}

function keep(shopId: number, now: Held, previous: Held | null): void {
  held.set(shopId, now)
  const old = previous?.context.live.model?.key
  // Requests that began with the old state still name its rows: it goes when they are over, unless it came back.
  const forgetOld = () => {
    if (old !== undefined && held.get(shopId)?.context.live.model?.key !== old) forgetModel(old)
  }
  if (old !== undefined && old !== now.context.live.model?.key)
    setTimeout(forgetOld, REQUESTS_OVER_MS).unref()
  for (const [oldest, one] of held) {
    if (held.size <= MOST_SHOPS) return
    held.delete(oldest)
    if (one.context.live.model) forgetModel(one.context.live.model.key)
  }
}

const computing = new Map<number, Promise<unknown>>()

/** A shop whose job has not run yet: its fallback is computed here, once, while requests go on. */
function computeInBackground(shopId: number): void {
  if (computing.has(shopId)) return
  const work = updateBaselines(shopId, { asOf: new Date() })
    .catch((error: unknown) => log.warn({ shopId, error: String(error) }, "baselines were not computed"))
    .finally(() => computing.delete(shopId))
  computing.set(shopId, work)
}
