import type pg from "pg"
import { open, type ShopKeys, unwrapShopperKey } from "../../shop/keys.server.ts"
import { recordName } from "./held-record.ts"
import type { RecordState } from "./merge-record.ts"
import type { RecordKind } from "./record.ts"
import { recordPlace } from "./record-place.ts"
import { type RecordRow, stateOfRow } from "./stored-record.ts"

export type ReadRecord = {
  kind: RecordKind
  recordKey: string
  shopperId: string | null
  state: RecordState
}

/** Which records to read: by their own names, those that belong to a parent, those about a shopper. */
export type RecordsWanted = {
  named?: readonly { kind: RecordKind; recordKey: string }[]
  childrenOf?: { kind: RecordKind; parentKeys: readonly string[] }
  about?: readonly string[]
}

/** Reads records with their personal fields opened. */
export async function readRecords(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  { named = [], childrenOf, about = [] }: RecordsWanted,
): Promise<Map<string, ReadRecord>> {
  const { rows } = await client.query<RecordRow & { sealed: Buffer | null; wrapped: Buffer | null }>(
    `WITH wanted AS (
       SELECT kind, record_key FROM unnest($2::text[], $3::text[]) AS n (kind, record_key)
       UNION
       SELECT c.kind, c.record_key FROM shop_records c
       WHERE c.shop_id = $1 AND c.kind = $4 AND c.parent_key = ANY ($5::text[])
       UNION
       SELECT a.kind, a.record_key FROM shop_records a WHERE a.shop_id = $1 AND a.shopper_id = ANY ($6::bigint[])
     )
     SELECT r.kind, r.record_key, r.parent_key, r.shopper_id,
       (extract(epoch FROM r.version_at) * 1000)::float8 AS version_ms, r.deleted, r.fields, r.field_versions, r.sealed,
       k.wrapped
     FROM wanted JOIN shop_records r ON r.shop_id = $1 AND r.kind = wanted.kind AND r.record_key = wanted.record_key
     LEFT JOIN vault.shopper_keys k ON k.shop_id = $1 AND k.shopper_id = r.shopper_id AND r.sealed IS NOT NULL`,
    [
      shopId,
      named.map(({ kind }) => kind),
      named.map(({ recordKey }) => recordKey),
      childrenOf?.kind ?? "",
      childrenOf?.parentKeys ?? [],
      about,
    ],
  )
  const records = new Map<string, ReadRecord>()
  for (const row of rows) {
    const { kind, record_key: recordKey, shopper_id: shopperId, sealed, wrapped } = row
    // Without its key what was sealed is gone for good.
    const personal =
      sealed && wrapped && shopperId
        ? openPersonal(keys, shopId, shopperId, {
            sealed,
            wrapped,
            place: recordPlace(shopId, shopperId, kind, recordKey),
          })
        : null
    records.set(recordName(kind, recordKey), { kind, recordKey, shopperId, state: stateOfRow(row, personal) })
  }
  return records
}

function openPersonal(
  keys: ShopKeys,
  shopId: number,
  shopperId: string,
  { sealed, wrapped, place }: { sealed: Buffer; wrapped: Buffer; place: string },
): Record<string, unknown> {
  const key = unwrapShopperKey(keys, shopId, BigInt(shopperId), wrapped)
  return JSON.parse(open(key, sealed, place).toString("utf8"))
}
