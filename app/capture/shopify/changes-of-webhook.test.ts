import { describe, expect, test } from "vitest"
import {
  cartPayload,
  checkoutPayload,
  customerPayload,
  customerPayloadWithConsent,
  emailConsentPayload,
  fulfilmentPayload,
  orderLinePayload,
  orderPayload,
  productPayload,
  refundPayload,
  shopTime,
  smsConsentPayload,
  variantPayload,
} from "../../../tests/support/webhook-payloads.ts"
import { RECORD_TOPICS } from "../../shop/webhook-topics.ts"
import { changesOfWebhook } from "./changes-of-webhook.ts"
import type { RecordChange } from "./record.ts"

const AT = Date.UTC(2026, 8, 1, 10)
/** A message is triggered a moment after what it tells. */
const SEEN = AT + 400

function read(topic: string, body: object, seenAtMs = SEEN): RecordChange[] {
  const changes = changesOfWebhook(topic, JSON.stringify(body), seenAtMs, "2026-07")
  if (typeof changes === "string") throw new Error(`dropped: ${changes}`)
  return changes
}
const only = (topic: string, body: object, seenAtMs?: number) => read(topic, body, seenAtMs)[0]
const without = (body: object, ...names: string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))

test.each(["null", "[]", "3", '"text"', "{", ""])("a body that is no object (%s) is dropped", (body) => {
  for (const topic of RECORD_TOPICS.filter((one) => one !== "shop/update"))
    expect(changesOfWebhook(topic, body, SEEN, null)).toBe("bad_payload")
})

test.each(RECORD_TOPICS.filter((topic) => topic !== "shop/update"))(
  "%s without an id is dropped, and an id of another type too",
  (topic) => {
    const ids = ["id", "token", "order_id", "customer_id", "inventory_item_id", "admin_graphql_api_id"]
    for (const id of [undefined, null, "no id!", -1, 1.5, {}, []])
      if (typeof id !== "string" || !topic.startsWith("c"))
        expect(
          changesOfWebhook(
            topic,
            JSON.stringify(Object.fromEntries(ids.map((name) => [name, id]))),
            SEEN,
            null,
          ),
        ).toBe("bad_payload")
  },
)

test("another topic is not for us", () => {
  expect(changesOfWebhook("themes/publish", "{}", SEEN, null)).toBe("unhandled_topic")
})

test("fields of the wrong type count as missing, and the rest is taken", () => {
  const odd = {
    ...productPayload(500, AT),
    title: 7,
    variants: "none",
    status: 1,
    image: 3,
    images: null,
  }
  const { fields } = only("products/update", odd) ?? {}
  expect(Object.keys(fields ?? {}).sort()).toEqual([
    "brand",
    "category",
    "description",
    "handle",
    "publishedAtMs",
  ])
})

test("names of objects' own machinery are just names", () => {
  const body = `{"id": 5, "__proto__": {"title": "x"}, "constructor": 1, "title": "Mug"}`
  expect(changesOfWebhook("products/update", body, SEEN, null)).toEqual([
    { kind: "product", id: "5", versionMs: SEEN, fields: { title: "Mug" } },
  ])
})

describe("products", () => {
  test("a whole product", () => {
    expect(read("products/create", productPayload(500, AT))).toEqual([
      {
        kind: "product",
        id: "500",
        versionMs: SEEN,
        fields: {
          title: "Stoneware mug",
          description: "Thrown by hand & glazed twice.",
          category: "Mugs",
          brand: "Ton & Co",
          handle: "stoneware-mug",
          status: "active",
          publishedAtMs: AT,
          imageUrl: "https://cdn.shopify.com/s/files/1/mug.jpg",
          variants: [
            {
              id: "5001",
              priceCents: 1_990,
              inventoryItemId: "1005001",
              tracked: true,
              sellsWhenOut: false,
              quantity: 7,
            },
          ],
        },
      },
    ])
  })

  test("an id past 2^53 keeps its digits", () => {
    const body = `{"id": 788032119674292922, "variants": [{"id": 642667041472713922, "price": "1.00"}]}`
    expect(changesOfWebhook("products/update", body, SEEN, null)).toMatchObject([
      { id: "788032119674292922", fields: { variants: [{ id: "642667041472713922" }] } },
    ])
  })

  test("the older shapes: no status, a price as a number, a price as a set, stock that is not counted", () => {
    const body = {
      ...without(productPayload(500, AT), "status", "image"),
      variants: [
        variantPayload(1, { price: 12.5, inventory_management: null }),
        variantPayload(2, { price: { shop_money: { amount: "8.00" } }, inventory_policy: "continue" }),
      ],
    }
    expect(only("products/update", body)?.fields).toMatchObject({
      imageUrl: "https://cdn.shopify.com/s/files/1/mug.jpg",
      variants: [
        { priceCents: 1_250, tracked: false },
        { priceCents: 800, tracked: true, sellsWhenOut: true },
      ],
    })
    expect(only("products/update", body)?.fields).not.toHaveProperty("status")
  })

  test("an unpublished product is not published, nor is one whose time is to come", () => {
    const at = (publishedAt: string | null) =>
      only("products/update", { ...productPayload(500, AT), published_at: publishedAt })?.fields
    expect(at(null)).toMatchObject({ publishedAtMs: null })
    expect(at(shopTime(AT + 30 * 86_400_000))).toMatchObject({ publishedAtMs: null })
  })

  test.each(["draft", "archived", "unlisted", "sold"])("a product that is %s is not active", (status) => {
    const { fields } = only("products/update", productPayload(500, AT, { status })) ?? {}
    expect(fields).toMatchObject({ status: status === "archived" ? "archived" : "draft" })
  })

  test("current versions do not say whether a variant's stock counts", () => {
    const variants = [without(variantPayload(1), "inventory_management")]
    expect(only("products/update", productPayload(500, AT, { variants }))?.fields).toMatchObject({
      variants: [{ id: "1", tracked: null }],
    })
  })

  test("of a product with more variants than fit, the whole is wanted", () => {
    const gids = Array.from({ length: 120 }, (_, n) => ({
      admin_graphql_api_id: `gid://shopify/ProductVariant/${n}`,
    }))
    const [told, wanted] = read("products/update", { ...productPayload(500, AT), variant_gids: gids })
    expect(told?.versionMs).toBeLessThan(wanted?.versionMs ?? 0)
    expect(wanted).toMatchObject({ kind: "product", id: "500", fields: {}, wanted: true })
  })

  test("a deletion says no more than that", () => {
    expect(read("products/delete", { id: 500 })).toEqual([
      { kind: "product", id: "500", versionMs: SEEN, deleted: true, fields: {} },
    ])
  })
})

test("what was seen in a second is newer than what was seen earlier in it, and never newer than the second", () => {
  const version = (seenAtMs: number) => only("products/update", productPayload(500, AT), seenAtMs)?.versionMs
  expect([version(AT + 1), version(AT + 700), version(AT + 60_000)]).toEqual([AT + 1, AT + 700, AT + 999])
})

test("collections", () => {
  const body = { id: 841564295, handle: "mugs", title: "Mugs", updated_at: shopTime(AT), body_html: "<p/>" }
  expect(read("collections/update", body)).toEqual([
    { kind: "collection", id: "841564295", versionMs: SEEN, fields: { title: "Mugs", handle: "mugs" } },
  ])
  expect(only("collections/delete", { id: 841564295 })).toMatchObject({ deleted: true })
})

test("stock at a place, and the end of it", () => {
  const body = {
    inventory_item_id: 271878346596884000,
    location_id: 24826418,
    available: 6,
    updated_at: shopTime(AT),
  }
  expect(
    changesOfWebhook(
      "inventory_levels/update",
      JSON.stringify(body).replace("271878346596884000", "271878346596884015"),
      SEEN,
      null,
    ),
  ).toEqual([
    {
      kind: "inventory_level",
      id: "271878346596884015:24826418",
      parentId: "271878346596884015",
      versionMs: SEEN,
      fields: { available: 6 },
    },
  ])
  expect(only("inventory_levels/connect", { ...body, inventory_item_id: 1, available: null })).toMatchObject({
    fields: { available: null },
  })
  expect(only("inventory_levels/disconnect", { inventory_item_id: 1, location_id: 2 })).toEqual({
    kind: "inventory_level",
    id: "1:2",
    parentId: "1",
    versionMs: SEEN,
    fields: { available: null },
  })
})

describe("customers", () => {
  test("a whole customer", () => {
    expect(read("customers/create", customerPayload(77, AT))).toEqual([
      {
        kind: "customer",
        id: "77",
        customerId: "77",
        versionMs: SEEN,
        fields: { createdAtMs: AT, account: true, country: "DE" },
        personal: {
          email: "ada@example.com",
          phone: "+4930123456",
          firstName: "Ada",
          lastName: "Lovelace",
        },
      },
    ])
  })

  test("where personal data may not be seen it is null, not missing", () => {
    const hidden = { email: null, phone: null, first_name: null, last_name: null, default_address: null }
    expect(only("customers/update", customerPayload(77, AT, hidden))).toMatchObject({
      fields: { country: null },
      personal: { email: null, phone: null, firstName: null, lastName: null },
    })
  })

  test("consent inside the customer, as older versions tell it, is the same consent", () => {
    const [, ...consents] = read("customers/update", customerPayloadWithConsent(77, AT))
    expect(consents).toEqual(
      read("customers_email_marketing_consent/update", emailConsentPayload(77, "subscribed", AT)),
    )
    expect(consents).toEqual([
      {
        kind: "marketing_consent",
        id: "77:email",
        customerId: "77",
        versionMs: SEEN,
        fields: { channel: "email", granted: true },
      },
    ])
    const [, oldest] = read(
      "customers/update",
      customerPayload(77, AT, { accepts_marketing: true, accepts_marketing_updated_at: shopTime(AT) }),
    )
    expect(oldest).toEqual(consents[0])
  })

  test.each(["unsubscribed", "not_subscribed", "pending", "redacted", "invalid"])(
    "%s is no consent",
    (state) => {
      expect(only("customers_marketing_consent/update", smsConsentPayload(77, state, AT))).toMatchObject({
        id: "77:sms",
        customerId: "77",
        fields: { channel: "sms", granted: false },
      })
    },
  )

  test("who was never asked has said nothing", () => {
    const body = {
      customer_id: 77,
      email_marketing_consent: { state: "not_subscribed", consent_updated_at: null },
    }
    expect(read("customers_email_marketing_consent/update", body)).toEqual([])
    const nothing = { id: 77, phone: null, sms_marketing_consent: { state: null, consent_updated_at: null } }
    expect(read("customers_marketing_consent/update", nothing)).toEqual([])
  })

  test("an account that was disabled is none", () => {
    expect(only("customers/disable", customerPayload(77, AT, { state: "disabled" }))?.fields).toMatchObject({
      account: false,
    })
    expect(only("customers/update", without(customerPayload(77, AT), "state"))?.fields).not.toHaveProperty(
      "account",
    )
  })
})

test("a cart", () => {
  expect(read("carts/create", cartPayload("eeafa272cebfd4b22385bc4b645e762c", AT))).toEqual([
    {
      kind: "cart",
      id: "eeafa272cebfd4b22385bc4b645e762c",
      versionMs: SEEN,
      fields: { lines: [{ productId: "500", variantId: "5001", quantity: 2, priceCents: 1_990 }] },
    },
  ])
})

describe("checkouts", () => {
  test("a guest's, with what is filled in", () => {
    expect(read("checkouts/create", checkoutPayload("token-1", AT))).toEqual([
      {
        kind: "checkout",
        id: "token-1",
        customerId: null,
        versionMs: SEEN,
        fields: {
          createdAtMs: AT,
          completedAtMs: null,
          cartToken: "cart-1",
          lines: [{ productId: "500", variantId: "5001", quantity: 1, priceCents: 1_990 }],
          contact: true,
          address: false,
          shipping: false,
        },
        personal: { email: "ada@example.com", phone: null },
      },
    ])
  })

  test("a customer's is a contact also where the address may not be seen", () => {
    const body = checkoutPayload("token-1", AT, {
      email: null,
      customer: { id: 77 },
      shipping_address: { country_code: "DE" },
      shipping_line: { title: "Post" },
    })
    expect(only("checkouts/update", body)).toMatchObject({
      customerId: "77",
      fields: { contact: true, address: true, shipping: true },
    })
  })

  test("a partial one tells what it has", () => {
    const partial = { token: "token-1", completed_at: shopTime(AT), updated_at: shopTime(AT) }
    expect(only("checkouts/update", partial)).toEqual({
      kind: "checkout",
      id: "token-1",
      versionMs: SEEN,
      fields: { completedAtMs: AT },
      personal: {},
    })
  })
})

describe("orders", () => {
  test("a whole order", () => {
    expect(read("orders/create", orderPayload(1, AT))).toEqual([
      {
        kind: "order",
        id: "1",
        customerId: "77",
        versionMs: SEEN,
        fields: {
          createdAtMs: AT,
          currency: "EUR",
          totalCents: 3_980,
          financialStatus: "paid",
          fulfilmentStatus: "unfulfilled",
          cancelledAtMs: null,
          test: false,
          cartToken: "cart-1",
          checkoutToken: "checkout-1",
          channel: "web",
          lines: [
            {
              id: "71",
              productId: "500",
              variantId: "5001",
              quantity: 2,
              currentQuantity: 2,
              priceCents: 1_990,
              discountCents: 0,
            },
          ],
        },
        personal: { email: "ada@example.com", phone: null },
      },
    ])
  })

  test("it carries its refunds and fulfilments", () => {
    const body = orderPayload(1, AT + 5_000, {
      refunds: [refundPayload(9, 1, AT)],
      fulfillments: [fulfilmentPayload(8, 1, AT)],
      fulfillment_status: "partial",
    })
    const [order, refund, fulfilment] = read("orders/updated", body, AT + 5_100)
    expect(order?.fields).toMatchObject({ fulfilmentStatus: "partially_fulfilled" })
    expect(refund).toEqual({
      kind: "refund",
      id: "9",
      parentId: "1",
      versionMs: AT + 5_100,
      fields: { createdAtMs: AT, totalCents: 1_990, lines: [{ lineId: "71", quantity: 1 }] },
    })
    expect(fulfilment).toMatchObject({
      kind: "fulfilment",
      id: "8",
      parentId: "1",
      fields: { status: "success" },
    })
    expect(refund?.fields).toEqual(only("refunds/create", refundPayload(9, 1, AT))?.fields)
    expect(fulfilment?.fields).toEqual(only("fulfillments/create", fulfilmentPayload(8, 1, AT))?.fields)
  })

  test("the older shapes: money as a set, a discount on the line, nothing said of what is left", () => {
    const body = {
      ...without(orderPayload(1, AT), "total_price"),
      line_items: [
        without(
          orderLinePayload(71, { total_discount: "4.00" }),
          "current_quantity",
          "price",
          "discount_allocations",
        ),
      ],
      refunds: [refundPayload(9, 1, AT)],
    }
    expect(only("orders/updated", body)?.fields).toMatchObject({
      totalCents: 3_980,
      lines: [{ priceCents: 1_990, discountCents: 400, quantity: 2, currentQuantity: 1 }],
    })
  })

  test("discounts of a line are all that was taken off it", () => {
    const line = orderLinePayload(71, {
      total_discount: "1.00",
      discount_allocations: [
        { amount: "1.00" },
        { amount: "0.49", amount_set: { shop_money: { amount: "0.49" } } },
      ],
    })
    expect(only("orders/create", orderPayload(1, AT, { line_items: [line] }))?.fields).toMatchObject({
      lines: [{ discountCents: 149 }],
    })
  })

  test("an order without a customer is a guest's, one that does not say is nobody's yet", () => {
    expect(only("orders/create", orderPayload(1, AT, { customer: null, email: "" }))).toMatchObject({
      customerId: null,
      personal: { email: "ada@example.com" },
    })
    expect(only("orders/create", without(orderPayload(1, AT), "customer"))).not.toHaveProperty("customerId")
  })

  test("an edit says what changed, not what is: the whole is wanted", () => {
    const body = {
      order_edit: {
        id: 3,
        order_id: 1,
        created_at: shopTime(AT - 60_000),
        committed_at: shopTime(AT),
        line_items: { additions: [{ id: 72, delta: 1 }], removals: [] },
      },
    }
    expect(read("orders/edited", body)).toEqual([
      { kind: "order", id: "1", versionMs: AT, fields: {}, wanted: true },
    ])
  })

  test("times that cannot be are not told", () => {
    const odd = {
      cancelled_at: shopTime(AT + 90 * 86_400_000),
      created_at: "yesterday",
      processed_at: "1970-01-01",
    }
    const { fields } = only("orders/create", orderPayload(1, AT, odd)) ?? {}
    expect(fields).not.toHaveProperty("cancelledAtMs")
    expect(fields).not.toHaveProperty("createdAtMs")
  })

  test("text that the database cannot hold is mended", () => {
    expect(
      only("orders/create", orderPayload(1, AT, { source_name: "we\u0000b\ud800" }))?.fields,
    ).toMatchObject({
      channel: "web\ufffd",
    })
  })
})

test("only what a refund paid out is money given back", () => {
  const transactions = [
    { kind: "refund", status: "success", amount: "5.00" },
    { kind: "refund", status: "failure", amount: "7.00" },
    { kind: "void", status: "success", amount: "9.00" },
  ]
  expect(only("refunds/create", refundPayload(9, 1, AT, { transactions }))?.fields).toMatchObject({
    totalCents: 500,
  })
})

test("the shop", () => {
  const body = {
    id: 548380009,
    name: "Ton & Co",
    domain: "ton.example",
    currency: "EUR",
    iana_timezone: "Europe/Berlin",
    timezone: "(GMT+01:00) Europe/Berlin",
    updated_at: shopTime(AT),
  }
  expect(read("shop/update", body)).toEqual([
    {
      kind: "shop",
      id: "shop",
      versionMs: SEEN,
      fields: { name: "Ton & Co", domain: "ton.example", currency: "EUR", timeZone: "Europe/Berlin" },
    },
  ])
})
