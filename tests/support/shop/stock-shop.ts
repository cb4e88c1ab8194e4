/** Fills a shop with products, and a collection for each of their categories. */
import type { PlainItem } from "../../../app/capture/event.ts"
import { escapeHtml } from "./liquid-engine.ts"
import type { ShopState } from "./state.ts"

/** A product that is given as an items file has it; `code` is the merchant's own name where `item` is a number. */
export type StockItem = PlainItem & { code?: string }

/** Enough that a day's traffic sells nothing out. */
const IN_STOCK = 500

/** Each item becomes a product of that id. */
export function stockShop(state: ShopState, items: readonly StockItem[], atMs = state.now()): void {
  const shelves = new Map<string, { title: string; productIds: string[] }>()
  const handles = new Set<string>()
  for (const item of items) {
    const title = item.title || item.item
    const category = item.category || "All products"
    const plain = slug(title) || slug(item.item)
    // Two products may share a title, not an address.
    const handle = handles.has(plain) ? `${plain}-${slug(item.item)}` : plain
    handles.add(handle)
    state.createProduct(
      {
        id: item.item,
        title,
        handle,
        descriptionHtml: item.description ? `<p>${escapeHtml(item.description)}</p>` : "",
        productType: item.category ?? "",
        vendor: item.brand ?? "",
        imageUrl: `https://${state.store.shop.domain}/images/${encodeURIComponent(item.item)}.svg`,
        variants: [
          {
            priceCents: item.priceCents ?? 0,
            sku: item.code ?? item.item,
            available: item.available === false ? 0 : IN_STOCK,
          },
        ],
      },
      { atMs },
    )
    const name = slug(category) || "all"
    const shelf = shelves.get(name) ?? { title: category, productIds: [] }
    shelf.productIds.push(item.item)
    shelves.set(name, shelf)
  }
  for (const [handle, { title, productIds }] of shelves)
    state.createCollection({ title, handle, productIds }, { atMs })
}

export function slug(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80)
}
