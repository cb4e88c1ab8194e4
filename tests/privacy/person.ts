/** A person as the doors bring one in: a customer with an account, two browsers, an order, consents, a decision. */
import type pg from "pg"
import { appendEvents } from "../../app/capture/append-events.server.ts"
import type { EventType, PlainEvent } from "../../app/capture/event.ts"
import type { RecordKind } from "../../app/capture/shopify/record.ts"
import { recordPlace } from "../../app/capture/shopify/record-place.ts"
import { resolveNames } from "../../app/capture/shopper-names.server.ts"
import { withShopSql } from "../../app/db.server.ts"
import { setConsents } from "../../app/shop/consent.server.ts"
import { blindIndex, type ShopKeys, seal, shopKeys } from "../../app/shop/keys.server.ts"
import { shopperKey } from "../../app/shop/shopper-key.server.ts"

export type Person = {
  customerId: string
  email: string
  firstName: string
  lastName: string
  phone: string
  browser: string
  search: string
  order: string
}

export const person = (n: number): Person => ({
  customerId: String(9_000_000_000 + n),
  email: `iphigenia.${n}@example.test`,
  firstName: `Iphigenia${n}`,
  lastName: `Quillfeather${n}`,
  phone: `+4477009${String(n).padStart(5, "0")}`,
  browser: n.toString(16).padStart(32, "b"),
  search: `left-handed teapot ${n}`,
  order: String(5_000_000 + n),
})

/** Everything of a person that must never lie in the clear. */
export const personalWords = (one: Person): string[] => [
  one.email,
  one.firstName,
  one.lastName,
  one.phone,
  one.browser,
  one.search,
  one.customerId,
]

/** @returns the person's number */
export async function addPerson(shopId: number, one: Person, nowMs = Date.now()): Promise<string> {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, async (client) => {
    const at = (minutesAgo: number) => nowMs - minutesAgo * 60_000
    const event = (shopper: string, type: EventType, minutesAgo: number, rest: Partial<PlainEvent> = {}) => ({
      shopper,
      type,
      atMs: at(minutesAgo),
      session: one.browser,
      ...rest,
    })
    const visits = [
      event(one.browser, "product_view", 90, { item: "p1" }),
      event(one.browser, "search", 88, { query: one.search }),
      event(one.browser, "cart_add", 86, { item: "p1", quantity: 1 }),
    ]
    const bought = event(one.customerId, "purchase", 80, {
      item: "p1",
      quantity: 1,
      priceCents: 1_250,
      currency: "USD",
      order: one.order,
      id: `order:${one.order}:1`,
    })
    const make = { unknownItems: "make" } as const
    await appendEvents(client, shopId, keys, visits, new Date(at(86)), { names: "browser", ...make })
    await appendEvents(client, shopId, keys, [bought], new Date(at(79)), { names: "customer", ...make })
    const id = (await resolveNames(client, shopId, keys, "customer", [one.customerId])).get(one.customerId)
    const mail = (await resolveNames(client, shopId, keys, "email", [one.email])).get(one.email)
    if (!id || !mail) throw new Error("The person was not made.")
    const shopperId = String(id.shopperId)
    await client.query("UPDATE shoppers SET merged_into = $2 WHERE shop_id = $3 AND shopper_id = $1", [
      String(mail.shopperId),
      shopperId,
      shopId,
    ])
    await addRecords(client, shopId, keys, shopperId, one, at)
    await setConsents(client, shopId, [
      { shopperId: id.shopperId, purpose: "email", granted: true, versionMs: at(70), source: "webhook" },
    ])
    await client.query(
      `INSERT INTO decisions (shop_id, decision_id, at, shopper_id, surface, placement, outcome, product_ids, scores, reasons,
         served_by, latency_ms)
       SELECT $1::int, gen_random_uuid(), $2, $3, 'block', 'product', 'shown', array_agg(product_id), '{1}',
         '[{"kind":"viewed","item":"p1","title":"p1"}]', 'model', 3
       FROM products WHERE shop_id = $1 AND external_id = 'p1'`,
      [shopId, new Date(at(60)), shopperId],
    )
    return shopperId
  })
}

async function addRecords(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  shopperId: string,
  one: Person,
  at: (minutesAgo: number) => number,
): Promise<void> {
  const key = await shopperKey(client, shopId, keys, shopperId)
  const add = (kind: RecordKind, recordKey: string, fields: object, personal: object | null) =>
    client.query(
      `INSERT INTO shop_records (shop_id, kind, record_key, shopper_id, version_at, fields, sealed)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        shopId,
        kind,
        recordKey,
        kind === "cart" ? null : shopperId,
        new Date(at(75)),
        JSON.stringify(fields),
        personal && seal(key, JSON.stringify(personal), recordPlace(shopId, shopperId, kind, recordKey)),
      ],
    )
  const { email, phone, firstName, lastName, order } = one
  const cart = blindIndex(keys, "cart", `cart-of-${order}`).toString("hex")
  const lines = [
    {
      id: "1",
      productId: "p1",
      variantId: null,
      quantity: 1,
      currentQuantity: 1,
      priceCents: 1_250,
      discountCents: 0,
    },
  ]
  await add(
    "customer",
    blindIndex(keys, "customer", one.customerId).toString("hex"),
    { createdAtMs: at(10_000), account: true, country: "GB", locale: "en" },
    { email, phone, firstName, lastName },
  )
  await add("cart", cart, { lines }, null)
  await add(
    "order",
    order,
    {
      createdAtMs: at(80),
      currency: "USD",
      totalCents: 1_250,
      financialStatus: "paid",
      cartToken: cart,
      checkoutToken: null,
      lines,
    },
    { email, phone: null },
  )
}

export function privacyBody(domain: string, one: Person, extra: object = {}): string {
  return JSON.stringify({
    shop_id: 1,
    shop_domain: domain,
    customer: { id: Number(one.customerId), email: one.email, phone: one.phone },
    ...extra,
  })
}
