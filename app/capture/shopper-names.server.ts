/**
 * Who is meant: a name of a source (a person in an event file, a browser, a customer) → a shopper's number. The name
 * is kept sealed under the shopper's own key, and found again by its blind index.
 */
import type pg from "pg"
import { blindIndex, newShopperKey, type ShopKeys, seal } from "../shop/keys.server.ts"
import { openCopy } from "./copy-stream.server.ts"
import type { NameKind } from "./name-kind.ts"

/** Place (associated data) of a sealed name. */
export const namePlace = (shopId: number, shopperId: bigint, kind: NameKind) =>
  `shopper_identities/${shopId}/${shopperId}/${kind}`

/** Place (associated data) of what a shopper typed into a search. */
export const queryPlace = (shopId: number, shopperId: bigint) => `events.query/${shopId}/${shopperId}`

/** The shopper of this name, or null. Looks only; follows joins to the person. */
export async function findShopper(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  kind: NameKind,
  name: string,
): Promise<bigint | null> {
  const { rows } = await client.query<{ shopper_id: string }>(
    `SELECT coalesce(s.merged_into, s.shopper_id) AS shopper_id
     FROM shopper_identities i JOIN shoppers s ON s.shop_id = i.shop_id AND s.shopper_id = i.shopper_id
     WHERE i.shop_id = $1 AND i.kind = $2 AND i.blind = $3`,
    [shopId, kind, blindIndex(keys, kind, name)],
  )
  return rows[0] ? BigInt(rows[0].shopper_id) : null
}

export type NewShopper = { shopperId: bigint; blind: Buffer; name: string }

/** Makes the TEMP table that `sealNames` fills. */
export async function beginNames(client: pg.PoolClient): Promise<void> {
  await client.query(
    "CREATE TEMP TABLE new_names (shopper_id bigint, blind bytea, sealed bytea, wrapped bytea) ON COMMIT DROP",
  )
}

/** Seals names of new shoppers, each under a new key of its own, and puts them where `storeNames` takes them from. */
export async function sealNames(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  kind: NameKind,
  shoppers: NewShopper[],
): Promise<void> {
  const stream = openCopy(client, "pg_temp.new_names (shopper_id, blind, sealed, wrapped)")
  for (const { shopperId, blind, name } of shoppers) {
    const { key, wrapped } = newShopperKey(keys, shopId, shopperId)
    stream.rows.row(4)
    stream.rows.int64(shopperId)
    stream.rows.blob(blind)
    stream.rows.blob(seal(key, name, namePlace(shopId, shopperId, kind)))
    stream.rows.blob(wrapped)
  }
  await stream.end()
}

/**
 * Makes the shoppers of the sealed names. Where another transaction stored the same name meanwhile, its shopper
 * stands and this one is not made.
 */
export async function storeNames(client: pg.PoolClient, shopId: number, kind: NameKind): Promise<void> {
  await client.query(storeSql("SELECT * FROM pg_temp.new_names"), [shopId, kind])
}

const storeSql = (given: string) => `
  WITH given AS (${given}), stored AS (
    INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id, sealed)
    SELECT $1, $2, blind, shopper_id, sealed FROM given ORDER BY blind
    ON CONFLICT DO NOTHING RETURNING shopper_id
  ), made AS (
    INSERT INTO shoppers (shop_id, shopper_id) SELECT $1, shopper_id FROM stored
  )
  INSERT INTO vault.shopper_keys (shop_id, shopper_id, wrapped)
  SELECT $1, shopper_id, wrapped FROM given JOIN stored USING (shopper_id)`

export type NamedShopper = { shopperId: bigint; blind: Buffer }

/** The shoppers of a few names, made where they are new. */
export async function resolveNames(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  kind: NameKind,
  names: Iterable<string>,
): Promise<Map<string, NamedShopper>> {
  const blinds = new Map([...new Set(names)].map((name) => [name, blindIndex(keys, kind, name)]))
  const found = async () => {
    const { rows } = await client.query<{ blind: Buffer; shopper_id: string }>(
      "SELECT blind, shopper_id FROM shopper_identities WHERE shop_id = $1 AND kind = $2 AND blind = ANY ($3)",
      [shopId, kind, [...blinds.values()]],
    )
    return new Map(rows.map((row) => [row.blind.toString("hex"), BigInt(row.shopper_id)]))
  }
  let stored = await found()
  const fresh = [...blinds].filter(([, blind]) => !stored.has(blind.toString("hex")))
  if (fresh.length > 0) {
    await makeShoppers(client, shopId, keys, kind, fresh)
    stored = await found()
  }
  const resolved = new Map<string, NamedShopper>()
  for (const [name, blind] of blinds) {
    const shopperId = stored.get(blind.toString("hex"))
    if (shopperId !== undefined) resolved.set(name, { shopperId, blind })
  }
  return resolved
}

async function makeShoppers(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  kind: NameKind,
  names: [name: string, blind: Buffer][],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT nextval('shoppers_shopper_id_seq') AS id FROM generate_series(1, $1)",
    [names.length],
  )
  const made = rows.flatMap(({ id }, index) => {
    const [name, blind] = names[index] ?? []
    if (name === undefined || blind === undefined) return []
    const shopperId = BigInt(id)
    const { key, wrapped } = newShopperKey(keys, shopId, shopperId)
    return { id, blind, wrapped, sealed: seal(key, name, namePlace(shopId, shopperId, kind)) }
  })
  await client.query(
    storeSql(
      "SELECT * FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[]) AS g (shopper_id, blind, sealed, wrapped)",
    ),
    [
      shopId,
      kind,
      made.map(({ id }) => id),
      made.map(({ blind }) => blind),
      made.map(({ sealed }) => sealed),
      made.map(({ wrapped }) => wrapped),
    ],
  )
}
