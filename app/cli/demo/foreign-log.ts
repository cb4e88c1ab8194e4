/**
 * A log of somebody's own: its files are all there is. The storefront is stocked with what it names, and the slates
 * that the app would write to a real shop are put there.
 */
import type { SimulatedShop } from "../../../tests/support/shop/start-shop.ts"
import { withShop } from "../../db.server.ts"
import { defaultSlates } from "../../recommend/default-slates.server.ts"
import { startScorer, stopScorer } from "../../scoring/scorer.server.ts"
import { startProgress } from "../progress.ts"

/** Shown are at most 12; the rest are spares for what is sold out. */
const SLATE_SIZE = 16

type Shop = Pick<SimulatedShop, "setSlate">

export async function readCatalogue(shopId: number) {
  const products = await withShop(shopId, (tx) => tx.product.findMany({ orderBy: { productId: "asc" } }))
  return products.map((product) => ({
    item: product.externalId,
    title: product.title,
    description: product.description,
    category: product.category,
    brand: product.brand,
    available: product.available,
    ...(product.priceCents === null ? {} : { priceCents: product.priceCents }),
    ...(product.currency === null ? {} : { currency: product.currency }),
  }))
}

export async function putSlates(shopId: number, shop: Shop): Promise<void> {
  const preparing = startProgress("Default slates")
  startScorer()
  const slates = await defaultSlates(shopId, SLATE_SIZE)
  await stopScorer()
  for (const { item, slate } of slates)
    shop.setSlate(
      item,
      slate.map((entry) => entry.item),
    )
  preparing.end(`${slates.length} products`)
}
