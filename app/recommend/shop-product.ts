/** A product as slates need it. Its place in the list + 1 is its row in the item matrix. */
export type ShopProduct = {
  productId: number
  externalId: string
  title: string
  category: string
  brand: string
  priceCents: number | null
  currency: string | null
  imageUrl: string | null
  available: boolean
  consumable: boolean
  excluded: boolean
}
