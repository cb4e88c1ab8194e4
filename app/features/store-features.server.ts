import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { SHOPPER_FEATURES_HASH } from "./contract.ts"
import { readPersons } from "./read-persons.server.ts"
import { SHOPPER_FEATURES, shopperFeatures } from "./shopper-features.ts"

const PERSONS_A_STATEMENT = 1_000

/**
 * Computes every person's features as of a moment and stores them, in the order of SHOPPER_FEATURES. Rows of shoppers
 * who since then were joined to another person, erased or found to be robots are taken away. Returns how many persons
 * there are. All of it is one transaction: a reader sees the features of one moment.
 */
export async function storeShopperFeatures(shopId: number, { asOf }: { asOf: Date }): Promise<number> {
  return withShopSql(shopId, async (client) => {
    let persons = 0
    let batch: StoredFeatures[] = []
    for await (const { personId, events } of readPersons(client, shopId)) {
      const features = shopperFeatures(events, asOf.getTime())
      batch.push({ personId, values: SHOPPER_FEATURES.map((name) => features[name]) })
      persons += 1
      if (batch.length < PERSONS_A_STATEMENT) continue
      await store(client, shopId, asOf, batch)
      batch = []
    }
    await store(client, shopId, asOf, batch)
    await client.query("DELETE FROM shopper_features WHERE shop_id = $1 AND as_of < $2", [shopId, asOf])
    return persons
  })
}

type StoredFeatures = { personId: string; values: number[] }

async function store(
  client: pg.PoolClient,
  shopId: number,
  asOf: Date,
  batch: readonly StoredFeatures[],
): Promise<void> {
  if (batch.length === 0) return
  await client.query(
    `INSERT INTO shopper_features (shop_id, shopper_id, as_of, contract_hash, "values")
     SELECT $1, person, $2, $3, features::real[] FROM unnest($4::bigint[], $5::text[]) AS p (person, features)
     ON CONFLICT (shop_id, shopper_id) DO UPDATE SET as_of = excluded.as_of,
       contract_hash = excluded.contract_hash, "values" = excluded."values"
     WHERE shopper_features.as_of <= excluded.as_of`,
    [
      shopId,
      asOf,
      SHOPPER_FEATURES_HASH,
      batch.map(({ personId }) => personId),
      // unnest flattens arrays of arrays, so each person's values travel as one array literal.
      batch.map(({ values }) => `{${values.join(",")}}`),
    ],
  )
}
