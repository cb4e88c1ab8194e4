/**
 * What a shop's tables say, in a form that does not depend on the order in which it was told: numbers of shoppers and
 * products become the names that they stand for, a person is all shoppers who were joined, and times of receipt are
 * left out. Two states of one shop that were told the same compare equal. (Of two shops they do not: keyed hashes are
 * each shop's own.)
 */
import type pg from "pg"
import type { RecordKind } from "../../app/capture/shopify/record.ts"
import { recordPlace } from "../../app/capture/shopify/record-place.ts"
import { withShopSql } from "../../app/db.server.ts"
import { open, type ShopKeys, shopKeys } from "../../app/shop/keys.server.ts"
import { shopperKeys } from "../../app/shop/shopper-key.server.ts"

export type CanonicalShopState = Record<
  "shop" | "products" | "people" | "records" | "events" | "consents" | "links",
  string[]
>

/** Each list is sorted text, one entry a line, so that a difference can be read. */
export async function canonicalShopState(shopId: number): Promise<CanonicalShopState> {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, async (client) => {
    const lines = async (sql: string) => {
      const { rows } = await client.query<{ line: string }>(`${PERSONS} ${sql}`, [shopId])
      return rows.map(({ line }) => line).sort()
    }
    return {
      shop: await lines(
        "SELECT jsonb_build_array(name, currency, time_zone)::text AS line FROM shops WHERE shop_id = $1",
      ),
      products: await lines(
        `SELECT jsonb_build_array(external_id, title, description, category, brand, price_cents, currency, image_url,
           available)::text AS line FROM products WHERE shop_id = $1`,
      ),
      people: await lines(
        `SELECT jsonb_build_array(p.person, bool_or(s.known), min(s.first_seen_at), max(s.last_seen_at))::text AS line
         FROM persons p JOIN shoppers s ON s.shop_id = $1 AND s.shopper_id = p.shopper_id GROUP BY p.person`,
      ),
      records: await recordLines(client, shopId, keys),
      events: await lines(
        `SELECT jsonb_build_array(e.at, e.event_key, e.type, r.external_id, e.price_cents, e.currency, e.quantity,
           e.source_session, e.order_ref, e.source, p.person)::text AS line
         FROM events e JOIN persons p ON p.shopper_id = e.shopper_id
         LEFT JOIN products r ON r.shop_id = $1 AND r.product_id = e.product_id WHERE e.shop_id = $1`,
      ),
      consents: await lines(
        `SELECT DISTINCT ON (p.person, c.purpose) jsonb_build_array(p.person, c.purpose, c.granted, c.version_at)::text AS line
         FROM consents c JOIN persons p ON p.shopper_id = c.shopper_id WHERE c.shop_id = $1
         ORDER BY p.person, c.purpose, c.version_at DESC, c.granted`,
      ),
      links: await lines(
        `SELECT DISTINCT jsonb_build_array(l.link, p.person)::text AS line
         FROM shopper_links l JOIN persons p ON p.shopper_id = l.shopper_id WHERE l.shop_id = $1`,
      ),
    }
  })
}

/** A person's name is the least of the names of all shoppers who are that person. */
const PERSONS = `WITH roots AS (
    SELECT shopper_id, coalesce(merged_into, shopper_id) AS root FROM shoppers WHERE shop_id = $1
  ), named AS (
    SELECT r.root, string_agg(i.kind || ' ' || encode(i.blind, 'hex'), ', ' ORDER BY i.kind, i.blind) AS person
    FROM roots r LEFT JOIN shopper_identities i ON i.shop_id = $1 AND i.shopper_id = r.shopper_id GROUP BY r.root
  ), persons AS (
    SELECT roots.shopper_id, coalesce(named.person, 'nobody') AS person FROM roots JOIN named USING (root)
  )`

type Row = {
  kind: RecordKind
  record_key: string
  shopper_id: string | null
  person: string | null
  told: unknown
  sealed: Buffer | null
}

async function recordLines(client: pg.PoolClient, shopId: number, keys: ShopKeys): Promise<string[]> {
  const { rows } = await client.query<Row>(
    `${PERSONS} SELECT r.kind, r.record_key, r.shopper_id, p.person, r.sealed,
       jsonb_build_array(r.parent_key, r.version_at, r.deleted, r.fields, r.field_versions, r.wanted_at) AS told
     FROM shop_records r LEFT JOIN persons p ON p.shopper_id = r.shopper_id WHERE r.shop_id = $1`,
    [shopId],
  )
  const ids = [...new Set(rows.flatMap((row) => (row.sealed && row.shopper_id ? row.shopper_id : [])))]
  const keyOf = await shopperKeys(client, shopId, keys, ids)
  return rows
    .map((row) => {
      const key = row.shopper_id === null ? undefined : keyOf.get(row.shopper_id)
      const place = recordPlace(shopId, row.shopper_id ?? "", row.kind, row.record_key)
      const personal: unknown =
        row.sealed && key ? JSON.parse(open(key, row.sealed, place).toString("utf8")) : null
      return JSON.stringify([row.kind, row.record_key, row.person, row.told, sorted(personal)])
    })
    .sort()
}

/** Fields in the order of their names. */
function sorted(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).sort())
    : value
}
