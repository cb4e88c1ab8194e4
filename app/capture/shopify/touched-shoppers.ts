/** Shoppers about whom something changed, and from when on: journey counts these anew. */
export type TouchedShoppers = Map<string, number>

export function touch(touched: TouchedShoppers, shopperId: string, sinceMs: number): void {
  touched.set(shopperId, Math.min(sinceMs, touched.get(shopperId) ?? Number.POSITIVE_INFINITY))
}
