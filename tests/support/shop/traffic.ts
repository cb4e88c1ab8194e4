/**
 * Visitors who walk through the storefront by its own addresses, as browsers do: they look at products, follow what
 * the block recommends, fill a cart, and some of them pay. One step of somebody's visit at a time.
 */
import { randomBytes } from "node:crypto"
import { makeRandom, type Random } from "../demo-shop/random.ts"
import type { SimulatedShop } from "./start-shop.ts"

export type TrafficOptions = {
  /** Mean time between two steps. */
  everyMs: number
  seed: number
  /** Visitors in the shop at once. */
  visitors?: number
  onStep?: (what: string) => void
}

export type Traffic = { stop(): Promise<void> }

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

type Visitor = {
  name: string
  customerId: string | null
  cart: string
  at: string | null
  inCart: number
  stepsLeft: number
}

export function startTraffic(shop: SimulatedShop, options: TrafficOptions): Traffic {
  const random = makeRandom(`traffic ${options.seed}`)
  const inside = Array.from({ length: options.visitors ?? 4 }, () => arrive(shop, random))
  let ended = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()

  const next = () => {
    if (ended) return
    timer = setTimeout(() => {
      running = step().then(next)
    }, random.exponential(options.everyMs))
  }
  const step = async () => {
    const place = random.integer(inside.length)
    const visitor = inside[place]
    if (!visitor) return
    try {
      const what = await takeStep(shop, visitor, random)
      options.onStep?.(what)
    } catch {
      // The app or the shop is being stopped or started: the visitor tries again later.
    }
    if (--visitor.stepsLeft <= 0) inside[place] = arrive(shop, random)
  }
  next()
  return {
    stop: async () => {
      ended = true
      clearTimeout(timer)
      await running
    },
  }
}

function arrive(shop: SimulatedShop, random: Random): Visitor {
  const customers = [...shop.state.store.customers.keys()]
  const known = customers.length > 0 && random.chance(0.3)
  return {
    name: hex(random, 32),
    customerId: known ? random.pick(customers) : null,
    cart: "",
    at: null,
    inCart: 0,
    stepsLeft: 3 + random.integer(12),
  }
}

async function takeStep(shop: SimulatedShop, visitor: Visitor, random: Random): Promise<string> {
  if (visitor.inCart > 0 && random.chance(0.35)) return buy(shop, visitor, random)
  if (visitor.at !== null && random.chance(0.25)) return addToCart(shop, visitor, visitor.at)
  const recommended = visitor.at !== null && random.chance(0.4) ? await recommendation(shop, visitor) : null
  if (recommended !== null) {
    await tell(shop, visitor, { type: "recommendation_click", ...recommended })
    return look(shop, visitor, recommended.product)
  }
  const onSale = [...shop.state.store.products.values()].filter(({ status }) => status === "active")
  return look(shop, visitor, random.pick(onSale).id)
}

async function look(shop: SimulatedShop, visitor: Visitor, product: string): Promise<string> {
  visitor.at = product
  await ask(shop, visitor, new URL(shop.productUrl(product)).pathname)
  await tell(shop, visitor, { type: "product_view", product })
  return "looked at a product"
}

async function addToCart(shop: SimulatedShop, visitor: Visitor, product: string): Promise<string> {
  await tell(shop, visitor, { type: "cart_add", product, quantity: 1 })
  const answer = await ask(shop, visitor, "/cart/add", { item: product, quantity: "1" })
  const cookie = answer.headers.getSetCookie().find((one) => one.startsWith("cart="))
  if (!cookie) return "found a product sold out"
  visitor.cart = cookie.split(";")[0]?.slice("cart=".length) ?? ""
  visitor.inCart++
  await tell(shop, visitor, { type: "cart_view" })
  return "put a product into the cart"
}

async function buy(shop: SimulatedShop, visitor: Visitor, random: Random): Promise<string> {
  await ask(shop, visitor, "/checkout")
  await tell(shop, visitor, { type: "checkout_start" })
  if (random.chance(0.3)) return "began a checkout and left it"
  const email = shop.state.store.customers.get(visitor.customerId ?? "")?.email
  await ask(shop, visitor, "/checkout", {
    email: email ?? `visitor-${visitor.name.slice(0, 10)}@larkfield.test`,
    name: "Visiting Shopper",
    shipping: "standard",
  })
  Object.assign(visitor, { cart: "", inCart: 0 })
  return "bought"
}

async function recommendation(
  shop: SimulatedShop,
  visitor: Visitor,
): Promise<{ product: string; decision: string } | null> {
  const query = new URLSearchParams({ visitor: visitor.name, product: visitor.at ?? "", count: "4" })
  const answer = await ask(shop, visitor, `/apps/throughline/block?${query}`)
  if (answer.status !== 200) return null
  const { products, decisionId } = Object(await answer.json())
  const [first] = Array.isArray(products) ? products : []
  return first ? { product: String(first.product), decision: String(decisionId) } : null
}

async function tell(shop: SimulatedShop, visitor: Visitor, event: object): Promise<void> {
  const [cart] = decodeURIComponent(visitor.cart).split("?")
  const body = {
    delivery: randomBytes(16).toString("hex"),
    visitor: visitor.name,
    ...(cart ? { cart } : {}),
    events: [{ at: Date.now(), ...event }],
  }
  await ask(shop, visitor, "/apps/throughline/events", JSON.stringify(body))
}

function ask(
  shop: SimulatedShop,
  visitor: Visitor,
  path: string,
  given?: string | Record<string, string>,
): Promise<Response> {
  const cookies = ["shop_consent=yes"]
  if (visitor.customerId !== null) cookies.push(`shop_customer=${visitor.customerId}`)
  if (visitor.cart !== "") cookies.push(`cart=${visitor.cart}`)
  const json = typeof given === "string"
  return fetch(new URL(path, shop.url), {
    redirect: "manual",
    headers: {
      Cookie: cookies.join("; "),
      "User-Agent": USER_AGENT,
      ...(json ? { "Content-Type": "application/json" } : {}),
    },
    ...(given === undefined ? {} : { method: "POST", body: json ? given : new URLSearchParams(given) }),
  })
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random.integer(16).toString(16)).join("")
}
