import fc from "fast-check"
import { expect, test } from "vitest"
import { testDatabase } from "../../../tests/support/database.ts"
import {
  cartPayload,
  checkoutPayload,
  customerPayloadWithConsent,
  fulfilmentPayload,
  orderPayload,
  productPayload,
  refundPayload,
} from "../../../tests/support/webhook-payloads.ts"
import { ensureShop, withShopSql } from "../../db.server.ts"
import { shopKeys } from "../../shop/keys.server.ts"
import { RECORD_TOPICS } from "../../shop/webhook-topics.ts"
import { applyChanges } from "./apply-changes.server.ts"
import { changesOfWebhook } from "./changes-of-webhook.ts"

testDatabase()

const AT = Date.UTC(2026, 8, 1, 10)
const BODIES: object[] = [
  productPayload(500, AT),
  customerPayloadWithConsent(77, AT),
  cartPayload("cart-1", AT),
  checkoutPayload("checkout-1", AT),
  orderPayload(1, AT, { refunds: [refundPayload(9, 1, AT)], fulfillments: [fulfilmentPayload(8, 1, AT)] }),
  { ...refundPayload(9, 1, AT), inventory_item_id: 3, location_id: 4, available: 5 },
  { order_edit: { order_id: 1, committed_at: "2026-09-01T10:00:00Z" }, id: 1 },
]

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2, noUnicodeString: false }),
  fc.constantFrom(
    "\0",
    "\ud800",
    "9".repeat(400),
    -1,
    1e300,
    2 ** 31,
    "2026-02-31T00:00:00Z",
    "9999-01-01T00:00:00Z",
  ),
  fc.string({ maxLength: 3_000, unit: "binary" }),
)

/** A payload with a value somewhere in it replaced. */
const mutated = fc
  .tuple(fc.constantFrom(...BODIES), fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 3 }), odd)
  .map(([body, path, value]) => replaceAt(body, path, value))

function replaceAt(target: unknown, [step = 0, ...path]: number[], value: unknown): unknown {
  if (typeof target !== "object" || target === null) return value
  const entries = Object.entries(target)
  if (entries.length === 0) return value
  const chosen = step % entries.length
  const replaced = entries.map(([name, inner], index) =>
    index === chosen
      ? ([name, path.length > 0 ? replaceAt(inner, path, value) : value] as const)
      : ([name, inner] as const),
  )
  return Array.isArray(target) ? replaced.map(([, inner]) => inner) : Object.fromEntries(replaced)
}

test("whatever stands in a payload, it is read or dropped, and what is read can be stored", async () => {
  const shopId = await ensureShop("odd.myshopify.com")
  const keys = await shopKeys(shopId)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...RECORD_TOPICS), mutated), { maxLength: 30 }),
      async (given) => {
        const read = given.map(([topic, body]) =>
          changesOfWebhook(topic, JSON.stringify(body), AT + 1_000, null),
        )
        for (const one of read) expect(Array.isArray(one) || one === "bad_payload").toBe(true)
        const changes = read.flatMap((one) => (typeof one === "string" ? [] : one))
        await withShopSql(shopId, (client) =>
          applyChanges(client, shopId, keys, changes, {
            receivedAt: new Date(AT + 2_000),
            source: "webhook",
          }),
        )
      },
    ),
    { numRuns: 60 },
  )
}, 120_000)
