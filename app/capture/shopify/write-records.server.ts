import { createSecretKey } from "node:crypto"
import type pg from "pg"
import { type ShopKeys, seal, unwrapShopperKey } from "../../shop/keys.server.ts"
import type { HeldRecord } from "./held-record.ts"
import { recordPlace } from "./record-place.ts"
import { storedState } from "./stored-record.ts"

/** Writes records as they are to be, personal fields sealed under their shopper's key. */
export async function writeRecords(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  records: readonly HeldRecord[],
): Promise<void> {
  if (records.length === 0) return
  const keyOf = await shopperKeysOf(client, shopId, keys, records)
  const rows = records.map(({ kind, recordKey, after, afterShopper }) => {
    const stored = storedState(after)
    const key = stored.personal && afterShopper ? keyOf.get(afterShopper) : undefined
    return {
      kind,
      record_key: recordKey,
      parent_key: after.parentKey,
      shopper_id: afterShopper,
      version_ms: stored.versionMs,
      deleted: stored.deleted,
      fields: stored.fields,
      field_versions: stored.fieldVersions,
      sealed:
        key && afterShopper
          ? seal(
              key,
              JSON.stringify(stored.personal),
              recordPlace(shopId, afterShopper, kind, recordKey),
            ).toString("hex")
          : null,
      wanted_ms: stored.wantedMs,
    }
  })
  await client.query(
    `INSERT INTO shop_records (shop_id, kind, record_key, parent_key, shopper_id, version_at, deleted, fields,
       field_versions, sealed, wanted_at)
     SELECT $1::int, g.kind, g.record_key, g.parent_key, g.shopper_id, to_timestamp(g.version_ms / 1000), g.deleted,
       g.fields, g.field_versions, decode(g.sealed, 'hex'), to_timestamp(g.wanted_ms / 1000)
     FROM jsonb_to_recordset($2::jsonb) AS g (kind text, record_key text, parent_key text, shopper_id bigint,
       version_ms float8, deleted boolean, fields jsonb, field_versions jsonb, sealed text, wanted_ms float8)
     ON CONFLICT (shop_id, kind, record_key) DO UPDATE SET parent_key = excluded.parent_key,
       shopper_id = excluded.shopper_id, version_at = excluded.version_at, deleted = excluded.deleted,
       fields = excluded.fields, field_versions = excluded.field_versions, sealed = excluded.sealed,
       wanted_at = excluded.wanted_at`,
    [shopId, JSON.stringify(rows)],
  )
}

async function shopperKeysOf(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  records: readonly HeldRecord[],
) {
  const shoppers = new Set(
    records.flatMap(({ after, afterShopper }) =>
      after.personal.size > 0 && afterShopper ? afterShopper : [],
    ),
  )
  if (shoppers.size === 0) return new Map()
  const { rows } = await client.query<{ shopper_id: string; wrapped: Buffer }>(
    "SELECT shopper_id, wrapped FROM vault.shopper_keys WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
    [shopId, [...shoppers]],
  )
  return new Map(
    rows.map((row) => [
      row.shopper_id,
      createSecretKey(unwrapShopperKey(keys, shopId, BigInt(row.shopper_id), row.wrapped)),
    ]),
  )
}
