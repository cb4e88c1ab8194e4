/** The storefront's addresses: pages, the cart and the checkout, pictures, and the switches of the demo. */
import { join } from "node:path"
import express, { type Express, type Request, type Response } from "express"
import { extensionFolder } from "./block.ts"
import { changeCart, openCheckout, pay } from "./checkout.ts"
import type { makePages, Rendered } from "./pages.ts"
import { placeholderImage } from "./placeholder-image.ts"
import type { ShopCatalogue } from "./shop-catalogue.ts"
import type { ShopState } from "./state.ts"
import { answerStorefrontQuery } from "./storefront-api.ts"
import { keep, keepCart, readVisit } from "./visit.ts"

export type StorefrontOptions = {
  state: ShopState
  catalogue: () => ShopCatalogue
  pages: ReturnType<typeof makePages>
  /** SVG of a product, by the merchant's code for it; what has none gets a placeholder. */
  image: ((code: string) => string | undefined) | undefined
}

const text = (value: unknown) => (typeof value === "string" ? value : "")
const form = express.urlencoded({ extended: false, limit: "10kb" })

export function mountStorefront(server: Express, options: StorefrontOptions): void {
  mountPages(server, options)
  mountBuying(server, options)
  mountSwitches(server)
  const { catalogue, state } = options
  server.use("/assets", express.static(join(import.meta.dirname, "theme", "assets")))
  server.use("/extensions", express.static(join(extensionFolder, "assets")))
  server.get("/images/:file", (request, response) => {
    const product = catalogue().byItem.get(text(request.params.file).replace(/\.svg$/, ""))
    if (!product) return void response.status(404).end()
    response.type("svg").set("Cache-Control", "max-age=3600")
    response.send(options.image?.(product.code) ?? placeholderImage(product.title))
  })
  server.post("/api/:version/graphql.json", express.json({ limit: "1mb" }), (request, response) => {
    const find = (item: string) => catalogue().byItem.get(item)
    response.json(answerStorefrontQuery(request.body, find, state.store.shop.currency))
  })
}

export function page(make: (request: Request) => Promise<Rendered>) {
  return (request: Request, response: Response) =>
    make(request).then(
      ({ status, html }) => response.status(status).set("Cache-Control", "no-store").type("html").send(html),
      (error: Error) => response.status(500).type("text").send(error.stack),
    )
}

function mountPages(server: Express, { pages, state }: StorefrontOptions): void {
  server.get(
    "/",
    page((r) => pages.home(readVisit(r), r.originalUrl)),
  )
  server.get(
    "/collections/:handle",
    page((r) => pages.collection(text(r.params.handle), Number(r.query.page), readVisit(r), r.originalUrl)),
  )
  server.get(
    "/products/:handle",
    page((r) => pages.product(text(r.params.handle), readVisit(r), r.originalUrl)),
  )
  server.get(
    "/search",
    page((r) => pages.search(text(r.query.q).slice(0, 100), readVisit(r), r.originalUrl)),
  )
  server.get(
    "/cart",
    page((r) => pages.cart(readVisit(r), r.originalUrl)),
  )
  server.get(
    "/checkout",
    page((r) => {
      const visit = readVisit(r)
      openCheckout(state, visit.cartToken, visit.customerId)
      return pages.checkout(visit, r.originalUrl)
    }),
  )
  server.get(
    "/thanks",
    page((r) => pages.thanks(readVisit(r), r.originalUrl)),
  )
}

function mountBuying(server: Express, { state, catalogue }: StorefrontOptions): void {
  server.post("/cart/add", form, (request, response) => {
    const quantity = Math.min(20, Math.max(1, Math.trunc(Number(request.body.quantity)) || 1))
    const product = catalogue().byItem.get(text(request.body.item))
    if (product?.available)
      keepCart(response, changeCart(state, readVisit(request).cartToken, product.variantId, quantity).token)
    response.redirect(303, "/cart")
  })
  server.post("/cart/remove", form, (request, response) => {
    const { cartToken } = readVisit(request)
    const product = catalogue().byItem.get(text(request.body.item))
    if (product && cartToken !== null) changeCart(state, cartToken, product.variantId, null)
    response.redirect(303, "/cart")
  })
  server.post("/checkout", form, (request, response) => {
    const { cartToken, customerId } = readVisit(request)
    const email = text(request.body.email).trim()
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) return void response.redirect(303, "/checkout")
    const order = pay(state, cartToken, customerId, {
      email,
      name: text(request.body.name),
      shipping: text(request.body.shipping) === "express" ? "express" : "standard",
      country: state.store.shop.country,
    })
    if (!order) return void response.redirect(303, "/cart")
    keepCart(response, "")
    response.redirect(303, "/thanks")
  })
}

/** What a visitor of the demo may be: a customer, somebody who consented, a reader of Chinese. */
function mountSwitches(server: Express): void {
  const become = (response: Response, customer: string) =>
    keep(response, "customer", /^\d{1,20}$/.test(customer) ? customer : "")
  server.post("/demo/customer", form, (request, response) => {
    const customer = text(request.body.customer)
    become(response, customer)
    if (customer) keep(response, "consent", "yes")
    response.redirect(303, localPath(request.body.to))
  })
  server.post("/demo/consent", form, (request, response) => {
    keep(response, "consent", request.body.consent === "yes" ? "yes" : "no")
    response.redirect(303, localPath(request.body.to))
  })
  server.post("/demo/locale", form, (request, response) => {
    keep(response, "locale", request.body.locale === "zh-CN" ? "zh-CN" : "en")
    response.redirect(303, localPath(request.body.to))
  })
  server.get("/demo/as/:customer", (request, response) => {
    become(response, text(request.params.customer))
    keep(response, "consent", "yes")
    response.redirect(303, localPath(request.query.to))
  })
}

/** A path of this shop, whatever came. */
function localPath(value: unknown): string {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : "/"
}
