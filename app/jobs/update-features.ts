import { storeShopperFeatures } from "../features/store-features.server.ts"

/** Stores what a table of shoppers is made of; days since something change with the day, so it runs daily. */
export async function runUpdateFeatures(shopId: number): Promise<void> {
  await storeShopperFeatures(shopId, { asOf: new Date() })
}
