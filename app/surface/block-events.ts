/**
 * What a storefront page may tell us. Its requests are signed by Shopify but written by anyone's browser: so the
 * schema is strict, and no event here can name a price, an order, consent, an address or another person.
 */
import { z } from "zod"
import { AppError } from "../errors.ts"
import { badRequest, browserName, itemName } from "./block-request.ts"

/**
 * Types that a page can see for itself. Purchases and refunds come from webhooks, and so does what names a person
 * (account, checkout contact).
 */
const PAGE_EVENT_TYPES = [
  "page_view",
  "collection_view",
  "search",
  "product_view",
  "recommendation_click",
  "cart_add",
  "cart_remove",
  "cart_view",
  "favourite",
  "checkout_start",
  "checkout_address",
  "checkout_shipping",
  "checkout_payment",
] as const

/** A purchase never comes from here, so what is left is small. */
export const MAX_BODY_BYTES = 16 * 1024

// A page that was asleep may send late; a clock may be wrong by a little.
const MAX_AGE_MS = 24 * 60 * 60 * 1000
const MAX_AHEAD_MS = 5 * 60 * 1000

const at = z.int().positive()
const pageEvent = z.strictObject({
  type: z.enum(PAGE_EVENT_TYPES),
  at,
  product: itemName.optional(),
  quantity: z.int().min(1).max(999).optional(),
  query: z.string().trim().min(1).max(200).optional(),
  decision: z.uuid().optional(),
})
const seenEvent = z.strictObject({
  type: z.literal("seen"),
  at,
  decision: z.uuid(),
  products: z.array(itemName).min(1).max(24),
})
/** As Shopify's cookie has it, up to its key. It ties a browser to the order that its cart becomes. */
const cartToken = z.string().regex(/^[\w-]{8,64}$/)
const delivery = z.strictObject({
  /** Made by the browser for this delivery: the same one twice counts once. */
  delivery: z.string().regex(/^[0-9a-f]{32}$/),
  visitor: browserName,
  cart: cartToken.optional(),
  events: z
    .array(z.union([pageEvent, seenEvent]))
    .min(1)
    .max(50),
})

export type PageEvent = {
  type: (typeof PAGE_EVENT_TYPES)[number]
  atMs: number
  item?: string
  quantity?: number
  query?: string
}

/** What was seen or clicked of a decision's slate. */
export type BlockExposure = { decisionId: string; kind: "seen" | "clicked"; items: string[]; atMs: number }

export type BlockDelivery = {
  deliveryId: string
  browser: string
  /** Token of the browser's cart; absent where it has none. */
  cart?: string
  events: PageEvent[]
  exposures: BlockExposure[]
  /** Events left out because their time cannot be true. */
  dropped: number
}

/**
 * @param text the request's body
 * @param nowMs when it came
 * @throws AppError `bad_request`
 */
export function parseBlockDelivery(text: string, nowMs: number): BlockDelivery {
  const result = delivery.safeParse(parseJson(text))
  if (!result.success) throw badRequest(result.error)
  const { delivery: deliveryId, visitor, cart, events: given } = result.data
  const timely = given.filter((event) => event.at > nowMs - MAX_AGE_MS && event.at < nowMs + MAX_AHEAD_MS)
  const events: PageEvent[] = []
  const exposures: BlockExposure[] = []
  for (const event of timely) {
    // A clock that is a little ahead must not make events of the future.
    const atMs = Math.min(event.at, nowMs)
    if (event.type === "seen") {
      exposures.push({ decisionId: event.decision, kind: "seen", items: [...new Set(event.products)], atMs })
      continue
    }
    const { type, product: item, quantity, query, decision } = event
    events.push({
      type,
      atMs,
      ...(item === undefined ? {} : { item }),
      ...(quantity === undefined ? {} : { quantity }),
      ...(query === undefined ? {} : { query }),
    })
    if (type === "recommendation_click" && decision && item)
      exposures.push({ decisionId: decision, kind: "clicked", items: [item], atMs })
  }
  return {
    deliveryId,
    browser: visitor,
    ...(cart === undefined ? {} : { cart }),
    events,
    exposures,
    dropped: given.length - timely.length,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError("bad_request", "Expected a JSON body. Update the theme app extension.", { cause })
  }
}
