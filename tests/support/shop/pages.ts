/** The simulated theme: turns an address and a visit into a page, with the extension's block in the product page. */
import { join } from "node:path"
import type { Liquid } from "liquidjs"
import { type BlockSettings, makeBlockRenderer } from "./block.ts"
import { linesOf } from "./checkout.ts"
import { makeLiquidEngine, readDictionary } from "./liquid-engine.ts"
import type { ShopCatalogue, ShopCollection, ShopProduct } from "./shop-catalogue.ts"
import type { ShopState } from "./state.ts"
import type { Locale, Visit } from "./visit.ts"

const themeFolder = join(import.meta.dirname, "theme")
const PAGE_SIZE = 24

export type ShopIdentity = {
  name: string
  currency: string
  /** Customers that a visitor of the demo can be. */
  shoppers: readonly { id: string; label: string }[]
  /** False for a catalogue that brings none: then none is shown. */
  has_prices: boolean
  /** True for another catalogue than the demo shop's own: the theme then makes no claims about what it sells. */
  imported: boolean
}

export type PageSource = {
  shop: ShopIdentity
  state: ShopState
  catalogue: () => ShopCatalogue
  blockSettings?: BlockSettings
}

type Page = {
  template: string
  title?: string
  /** What the theme's script publishes when the page is seen. */
  event?: { type: string; product?: string; query?: string }
  status?: number
  variables?: Record<string, unknown>
}

export type Rendered = { status: number; html: string }

export function makePages(source: PageSource) {
  const { shop, state } = source
  const engines = new Map<Locale, { theme: Liquid; block: ReturnType<typeof makeBlockRenderer> }>()

  function enginesFor(locale: Locale) {
    const known = engines.get(locale)
    if (known) return known
    const theme = makeLiquidEngine({
      roots: [themeFolder, join(themeFolder, "templates"), join(themeFolder, "snippets")],
      translate: readDictionary(join(themeFolder, "locales"), locale),
      assetUrl: (name) => `/assets/${name}`,
      currency: shop.currency,
    })
    const made = { theme, block: makeBlockRenderer({ locale, currency: shop.currency }) }
    engines.set(locale, made)
    return made
  }

  const tile = (product: ShopProduct) => liquidProduct(product)
  const shelf = (collection: ShopCollection) => ({
    handle: collection.handle,
    title: collection.title,
    count: collection.products.length,
    image: collection.products.find((product) => product.available)?.image,
  })

  async function renderBlock(product: ShopProduct, visit: Visit): Promise<string> {
    const slate = readSlate(state, product.item)?.map((item) => {
      const found = source.catalogue().byItem.get(item)
      return found ? liquidProduct(found) : null
    })
    const page = {
      product: {
        ...liquidProduct(product),
        metafields: { $app: { recommendations: { value: slate ?? null } } },
      },
      routes: { root_url: "/" },
      localization: { country: { iso_code: "GB" }, language: { iso_code: visit.locale } },
      cart: { currency: { iso_code: shop.currency } },
    }
    return (await enginesFor(visit.locale).block(page, source.blockSettings)).trim()
  }

  async function render(page: Page, visit: Visit, path: string): Promise<Rendered> {
    const { theme } = enginesFor(visit.locale)
    const variables = {
      ...page.variables,
      shop,
      shoppers: shop.shoppers,
      locale: visit.locale,
      consent: visit.consent,
      customer_id: visit.customerId,
      cart_count: linesOf(state, visit.cartToken).reduce((sum, { quantity }) => sum + quantity, 0),
      menu: source.catalogue().collections.slice(0, 12).map(shelf),
      title: page.title,
      event: page.event ?? {},
      path,
    }
    const content = await theme.renderFile(page.template, variables)
    return { status: page.status ?? 200, html: await theme.renderFile("layout", { ...variables, content }) }
  }

  const cartLines = (visit: Visit) =>
    linesOf(state, visit.cartToken).flatMap(({ productId, quantity }) => {
      const product = source.catalogue().byItem.get(productId)
      return product ? [{ product: tile(product), quantity, total: product.priceCents * quantity }] : []
    })
  const cartTotal = (visit: Visit) => cartLines(visit).reduce((sum, line) => sum + line.total, 0)

  return {
    home: (visit: Visit, path: string) => {
      const catalogue = source.catalogue()
      const firsts = catalogue.collections.flatMap(
        ({ products }) => products.find(({ available }) => available) ?? [],
      )
      const seconds = catalogue.collections.flatMap(
        ({ products }) => products.filter(({ available }) => available)[1] ?? [],
      )
      const variables = {
        hero: firsts.slice(0, 4).map(tile),
        collections: catalogue.collections.slice(0, 24).map(shelf),
        items: seconds.slice(0, 12).map(tile),
      }
      return render({ template: "home", event: { type: "page_view" }, variables }, visit, path)
    },
    collection: (handle: string, number: number, visit: Visit, path: string) => {
      const catalogue = source.catalogue()
      const collection = catalogue.collections.find((candidate) => candidate.handle === handle)
      if (!collection) return render({ template: "missing", status: 404 }, visit, path)
      const pages = Math.ceil(collection.products.length / PAGE_SIZE)
      const page = Math.min(Math.max(1, number || 1), pages)
      const items = collection.products.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(tile)
      const variables = { collection: shelf(collection), current_collection: handle, items, page, pages }
      const event = { type: "collection_view" }
      return render({ template: "collection", title: collection.title, event, variables }, visit, path)
    },
    product: async (handle: string, visit: Visit, path: string) => {
      const product = source.catalogue().byHandle.get(handle)
      if (!product) return render({ template: "missing", status: 404 }, visit, path)
      const block = await renderBlock(product, visit)
      const variables = { product: tile(product), block, current_collection: product.collection }
      const event = { type: "product_view", product: product.item }
      return render({ template: "product", title: product.title, event, variables }, visit, path)
    },
    search: (query: string, visit: Visit, path: string) => {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean)
      const all = words.length
        ? [...source.catalogue().byItem.values()].filter((product) => {
            const text = `${product.title} ${product.category} ${product.brand}`.toLowerCase()
            return words.every((word) => text.includes(word))
          })
        : []
      const variables = { query, count: all.length, items: all.slice(0, PAGE_SIZE * 2).map(tile) }
      const event = query ? { type: "search", query } : { type: "page_view" }
      return render({ template: "search", title: query, event, variables }, visit, path)
    },
    cart: (visit: Visit, path: string) => {
      const variables = { lines: cartLines(visit), total: cartTotal(visit) }
      return render({ template: "cart", event: { type: "cart_view" }, variables }, visit, path)
    },
    checkout: (visit: Visit, path: string) => {
      const email = state.store.customers.get(visit.customerId ?? "")?.email ?? ""
      const variables = { total: cartTotal(visit), email }
      return render({ template: "checkout", event: { type: "checkout_start" }, variables }, visit, path)
    },
    thanks: (visit: Visit, path: string) => render({ template: "thanks" }, visit, path),
    missing: (visit: Visit, path: string) => render({ template: "missing", status: 404 }, visit, path),
  }
}

/** A product as Liquid sees it. */
function liquidProduct(product: ShopProduct) {
  return {
    id: product.item,
    title: product.title,
    handle: product.handle,
    code: product.code,
    description: product.description,
    vendor: product.brand,
    type: product.category,
    collection: product.collection,
    url: `/products/${product.handle}`,
    price: product.priceCents,
    price_min: product.priceCents,
    price_varies: false,
    compare_at_price: product.compareAtCents,
    available: product.available,
    featured_image: product.image,
  }
}

/** The items of a product's default slate, as the app's metafield holds them. */
export function readSlate(state: ShopState, item: string): string[] | undefined {
  const value = state.metafield(`gid://shopify/Product/${item}`, "$app", "recommendations")?.value
  if (value === undefined) return undefined
  const gids: unknown = JSON.parse(value)
  return Array.isArray(gids) ? gids.map((gid) => String(gid).replace("gid://shopify/Product/", "")) : []
}
