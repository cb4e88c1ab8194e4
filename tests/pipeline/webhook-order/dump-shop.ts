/** All that a shop holds, without the numbers and keys that differ from shop to shop: names stand in their place. */
import { createHash } from "node:crypto"
import { canonicalJson } from "../../../app/capture/shopify/merge-record.ts"
import { readRecords } from "../../../app/capture/shopify/read-records.server.ts"
import { storedState } from "../../../app/capture/shopify/stored-record.ts"
import { withShopSql } from "../../../app/db.server.ts"
import { blindIndex, type ShopKeys, shopKeys } from "../../../app/shop/keys.server.ts"
import { NAMES } from "./small-shop.ts"

/** @param orderIds ids that the story used */
export async function dumpShop(
  shopId: number,
  orderIds: readonly string[],
): Promise<Record<string, string[]>> {
  const keys = await shopKeys(shopId)
  const named = namer(keys, orderIds)
  return withShopSql(shopId, async (client) => {
    const query = async (sql: string) => (await client.query(sql)).rows
    const shopperName = new Map<string, string>()
    for (const row of await query(
      "SELECT shopper_id, kind, encode(blind, 'hex') AS blind FROM shopper_identities",
    ))
      shopperName.set(row.shopper_id, `${row.kind} ${named(row.blind)}`)
    const who = (id: string | null) => (id === null ? null : (shopperName.get(id) ?? `unnamed ${id}`))
    const lines = (rows: object[]) => rows.map((row) => named(canonicalJson(row))).sort()

    const held = await query("SELECT kind, record_key FROM shop_records WHERE kind <> 'inventory_item'")
    const records = await readRecords(client, shopId, keys, {
      named: held.map((row) => ({ kind: row.kind, recordKey: row.record_key })),
    })
    return {
      records: lines(
        [...records.values()].map(({ kind, recordKey, shopperId, state }) => {
          const { fields, personal, deleted, wantedMs } = storedState(state)
          return {
            kind,
            recordKey,
            who: who(shopperId),
            parent: state.parentKey,
            fields,
            personal,
            deleted,
            wantedMs,
          }
        }),
      ),
      items: lines(
        await query("SELECT record_key, parent_key FROM shop_records WHERE kind = 'inventory_item'"),
      ),
      products: lines(
        await query(
          `SELECT external_id, title, description, category, brand, price_cents, currency, image_url, available
           FROM products`,
        ),
      ),
      shop: lines(await query("SELECT name, currency, time_zone FROM shops")),
      consents: lines(
        (
          await query(
            "SELECT shopper_id, purpose, granted, date_trunc('second', version_at) AS at FROM consents",
          )
        ).map(({ shopper_id, ...rest }) => ({ ...rest, who: who(shopper_id) })),
      ),
      events: lines(
        (
          await query(
            `SELECT e.shopper_id, e.at, e.type, p.external_id, e.price_cents, e.currency, e.quantity, e.order_ref
             FROM events e LEFT JOIN products p USING (shop_id, product_id)`,
          )
        ).map(({ shopper_id, ...rest }) => ({ ...rest, who: who(shopper_id) })),
      ),
      shoppers: lines(
        (
          await query(
            `SELECT shopper_id, known, merged_into, merge_inferred, bot, first_seen_at, last_seen_at, lifecycle
             FROM shoppers`,
          )
        ).map(({ shopper_id, merged_into, ...rest }) => ({
          ...rest,
          who: who(shopper_id),
          person: who(merged_into),
        })),
      ),
      keys: lines(
        (await query("SELECT shopper_id FROM vault.shopper_keys")).map((row) => ({
          who: who(row.shopper_id),
        })),
      ),
      links: lines(
        (await query("SELECT link::text, shopper_id FROM shopper_links")).map(({ link, shopper_id }) => ({
          link: named(link.replaceAll("-", "")),
          who: who(shopper_id),
        })),
      ),
      sessions: lines(
        (
          await query(
            `SELECT shopper_id, started_at, ended_at, events, steps, orders, revenue_cents, known, lifecycle, channel
             FROM sessions`,
          )
        ).map(({ shopper_id, ...rest }) => ({ ...rest, who: who(shopper_id) })),
      ),
      journeys: lines(
        (
          await query(
            "SELECT shopper_id, started_at, ended_at, sessions, outcome, revenue_cents FROM journeys",
          )
        ).map(({ shopper_id, ...rest }) => ({ ...rest, who: who(shopper_id) })),
      ),
      waiting: lines(await query("SELECT state, reason FROM inbox WHERE state <> 'done'")),
    }
  })
}

/** Puts names in the place of their keyed hashes. */
function namer(keys: ShopKeys, orderIds: readonly string[]): (text: string) => string {
  const names = new Map<string, string>()
  const add = (kind: string, name: string) =>
    names.set(blindIndex(keys, kind, name).toString("hex"), `<${kind} ${name}>`)
  for (const id of NAMES.customers) {
    add("customer", String(id))
    for (const channel of ["email", "sms"]) add("marketing_consent", `${id}:${channel}`)
  }
  for (const email of NAMES.emails) add("email", email)
  for (const token of NAMES.carts) add("cart", token)
  for (const token of NAMES.checkouts) add("checkout", token)
  for (const browser of NAMES.browsers) add("browser", browser)
  for (const id of orderIds) {
    add("order", id)
    names.set(createHash("md5").update(`order ${id}`).digest("hex"), `<order link ${id}>`)
  }
  // What is left is a browser session's key, of which only that it is there can be compared.
  return (text) => text.replace(/[0-9a-f]{32}/g, (hex) => names.get(hex) ?? "<key>")
}
