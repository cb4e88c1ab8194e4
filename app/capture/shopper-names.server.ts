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
  await client.query(storeSql("SELECT $2::text AS kind, * FROM pg_temp.new_names"), [shopId, kind])
}

const storeSql = (given: string) => `
  WITH given AS (${given}), stored AS (
    INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id, sealed)
    SELECT $1, kind, blind, shopper_id, sealed FROM given ORDER BY kind, blind
    ON CONFLICT DO NOTHING RETURNING shopper_id, kind
  ), made AS (
    INSERT INTO shoppers (shop_id, shopper_id, known) SELECT $1, shopper_id, kind IN ('customer', 'email') FROM stored
  )
  INSERT INTO vault.shopper_keys (shop_id, shopper_id, wrapped)
  SELECT $1, shopper_id, wrapped FROM given JOIN stored USING (shopper_id)`

export type NamedShopper = { shopperId: bigint; blind: Buffer }

/** A name of a few that are looked up together. It is not known in the clear where only its keyed hash came in. */
export type NameGiven = { kind: NameKind; blind: Buffer; name: string | null }

export const nameKey = (kind: NameKind, blind: Buffer) => `${kind} ${blind.toString("hex")}`

/** The shoppers of a few names of one kind, made where they are new. */
export async function resolveNames(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  kind: NameKind,
  names: Iterable<string>,
): Promise<Map<string, NamedShopper>> {
  const given = [...new Set(names)].map((name) => ({ kind, name, blind: blindIndex(keys, kind, name) }))
  const shoppers = await shoppersOfNames(client, shopId, keys, given)
  return new Map(
    given.flatMap(({ name, blind }) => {
      const shopperId = shoppers.get(nameKey(kind, blind))
      return shopperId === undefined ? [] : [[name, { shopperId, blind }]]
    }),
  )
}

/** The shoppers of a few names, by `nameKey`; made where they are new. */
export async function shoppersOfNames(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  names: readonly NameGiven[],
): Promise<Map<string, bigint>> {
  if (names.length === 0) return new Map()
  let stored = await storedShoppers(client, shopId, names)
  const fresh = names.filter(({ kind, blind }) => !stored.has(nameKey(kind, blind)))
  if (fresh.length > 0) {
    await makeShoppers(client, shopId, keys, fresh)
    stored = await storedShoppers(client, shopId, names)
  }
  return stored
}

async function storedShoppers(
  client: pg.PoolClient,
  shopId: number,
  names: readonly NameGiven[],
): Promise<Map<string, bigint>> {
  const { rows } = await client.query<{ kind: NameKind; blind: Buffer; shopper_id: string }>(
    `SELECT i.kind, i.blind, i.shopper_id FROM unnest($2::text[], $3::bytea[]) AS g (kind, blind)
     JOIN shopper_identities i ON i.shop_id = $1 AND i.kind = g.kind AND i.blind = g.blind`,
    [shopId, names.map(({ kind }) => kind), names.map(({ blind }) => blind)],
  )
  return new Map(rows.map((row) => [nameKey(row.kind, row.blind), BigInt(row.shopper_id)]))
}

async function makeShoppers(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  names: readonly NameGiven[],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT nextval('shoppers_shopper_id_seq') AS id FROM generate_series(1, $1)",
    [names.length],
  )
  const made = rows.flatMap(({ id }, index) => {
    const given = names[index]
    if (given === undefined) return []
    const { kind, blind, name } = given
    const shopperId = BigInt(id)
    const { key, wrapped } = newShopperKey(keys, shopId, shopperId)
    const sealed = name === null ? null : seal(key, name, namePlace(shopId, shopperId, kind))
    return { id, kind, blind, wrapped, sealed }
  })
  await client.query(
    storeSql(
      `SELECT * FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])
         AS g (kind, shopper_id, blind, sealed, wrapped)`,
    ),
    [
      shopId,
      made.map(({ kind }) => kind),
      made.map(({ id }) => id),
      made.map(({ blind }) => blind),
      made.map(({ sealed }) => sealed),
      made.map(({ wrapped }) => wrapped),
    ],
  )
}
