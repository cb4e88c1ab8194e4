import type { PlainEvent } from "../../../app/capture/event.ts"
import type { DemoProduct } from "./catalogue/product.ts"
import type { DemoShop } from "./generate.ts"

/** A product under a number, as Shopify has it; `code` is the name that the generator gave it. */
export type NumberedProduct = DemoProduct & { code: string }

export type NumberedShop = Omit<DemoShop, "products"> & { products: NumberedProduct[] }

const FIRST_PRODUCT = 8_000_000_000_001 // as long as Shopify's

/** The same shop with a number for each product, in the order of the catalogue: the same shop, the same numbers. */
export function numberProducts(shop: DemoShop): NumberedShop {
  const products = shop.products.map((product, index) => ({
    ...product,
    code: product.item,
    item: String(FIRST_PRODUCT + index),
  }))
  const numbers = new Map(products.map(({ code, item }) => [code, item]))
  // A delivery and its duplicate are the same object, and stay so.
  const renamed = new Map<PlainEvent, PlainEvent>()
  const rename = (event: PlainEvent): PlainEvent => {
    if (event.item === undefined) return event
    const known = renamed.get(event) ?? { ...event, item: numbers.get(event.item) ?? event.item }
    renamed.set(event, known)
    return known
  }
  return { ...shop, products, events: shop.events.map(rename) }
}
