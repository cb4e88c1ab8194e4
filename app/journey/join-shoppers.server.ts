import type pg from "pg"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { joinVisitors, type LinkMember, MOST_SHOPPERS_A_LINK, NAMING_TYPES } from "./joins.ts"

const NAMING_CODES = NAMING_TYPES.map((type) => EVENT_TYPE_CODES[type])

export type DirtyShopper = { shopperId: string; sinceMs: number }

/** A shopper who from now on counts with another person (or alone). */
export type Move = { shopperId: string; fromPerson: string; toPerson: string }

/** Notes the browser sessions and orders in which the shoppers' new events met them. */
export async function rememberLinks(
  client: pg.PoolClient,
  shopId: number,
  dirty: readonly DirtyShopper[],
): Promise<void> {
  await client.query(
    `INSERT INTO shopper_links (shop_id, link, shopper_id)
     SELECT DISTINCT $1::int, seen.link, d.shopper_id
     FROM unnest($2::bigint[], $3::float8[]) AS d (shopper_id, since_ms)
     JOIN events e ON e.shop_id = $1 AND e.shopper_id = d.shopper_id AND e.at >= to_timestamp(d.since_ms / 1000)
     CROSS JOIN LATERAL (VALUES (e.source_session), (md5('order ' || e.order_ref)::uuid)) AS seen (link)
     WHERE seen.link IS NOT NULL
     ON CONFLICT DO NOTHING`,
    [shopId, dirty.map((row) => row.shopperId), dirty.map((row) => row.sinceMs)],
  )
}

/** Shoppers become known by the events that name them. */
export async function markKnown(
  client: pg.PoolClient,
  shopId: number,
  dirty: readonly DirtyShopper[],
): Promise<void> {
  await client.query(
    `UPDATE shoppers s SET known = true
     FROM (SELECT DISTINCT e.shopper_id
           FROM unnest($2::bigint[], $3::float8[]) AS d (shopper_id, since_ms)
           JOIN events e ON e.shop_id = $1 AND e.shopper_id = d.shopper_id AND e.at >= to_timestamp(d.since_ms / 1000)
           WHERE e.type = ANY ($4::smallint[])) AS named
     WHERE s.shop_id = $1 AND s.shopper_id = named.shopper_id AND NOT s.known`,
    [shopId, dirty.map((row) => row.shopperId), dirty.map((row) => row.sinceMs), NAMING_CODES],
  )
}

/**
 * Joins and parts the shoppers whose company may have changed: the given ones, and everyone met with one of them.
 * @returns those who moved
 */
export async function joinShoppers(
  client: pg.PoolClient,
  shopId: number,
  shopperIds: readonly string[],
): Promise<Move[]> {
  const concerned = await concernedShoppers(client, shopId, shopperIds)
  const members = await linkMembers(
    client,
    shopId,
    concerned.map((shopper) => shopper.shopper_id),
  )
  const targets = joinVisitors(members)
  const moves: Move[] = []
  for (const { shopper_id: shopperId, merged_into, merge_inferred, known } of concerned) {
    // Joined by name (not inferred): that stands.
    if (merged_into !== null && !merge_inferred) continue
    const target = known ? null : (targets.get(shopperId) ?? null)
    if (target !== merged_into)
      moves.push({ shopperId, fromPerson: merged_into ?? shopperId, toPerson: target ?? shopperId })
  }
  await client.query(
    `UPDATE shoppers s SET merged_into = NULLIF(m.to_person, m.shopper_id),
       merge_inferred = m.to_person <> m.shopper_id, lifecycle = NULL
     FROM unnest($2::bigint[], $3::bigint[]) AS m (shopper_id, to_person)
     WHERE s.shop_id = $1 AND s.shopper_id = m.shopper_id`,
    [shopId, moves.map((move) => move.shopperId), moves.map((move) => move.toPerson)],
  )
  return moves
}

type ConcernedShopper = {
  shopper_id: string
  merged_into: string | null
  merge_inferred: boolean
  known: boolean
}

/** At most one more than may share a link is read of each: enough to see that it tells nothing. */
async function concernedShoppers(
  client: pg.PoolClient,
  shopId: number,
  shopperIds: readonly string[],
): Promise<ConcernedShopper[]> {
  const { rows } = await client.query<ConcernedShopper>(
    `WITH links AS (
       SELECT DISTINCT link FROM shopper_links WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])
     ), concerned AS (
       SELECT unnest($2::bigint[]) AS shopper_id
       UNION
       SELECT met.shopper_id FROM links CROSS JOIN LATERAL (
         SELECT l.shopper_id FROM shopper_links l WHERE l.shop_id = $1 AND l.link = links.link
         ORDER BY l.shopper_id LIMIT $3) met
     )
     SELECT s.shopper_id, s.merged_into, s.merge_inferred, s.known
     FROM shoppers s JOIN concerned USING (shopper_id) WHERE s.shop_id = $1`,
    [shopId, shopperIds, MOST_SHOPPERS_A_LINK + 1],
  )
  return rows
}

async function linkMembers(
  client: pg.PoolClient,
  shopId: number,
  shopperIds: readonly string[],
): Promise<LinkMember[]> {
  const { rows } = await client.query<LinkMember>(
    `WITH links AS (
       SELECT DISTINCT link FROM shopper_links WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])
     ), shared AS (
       SELECT links.link, met.shopper_id, count(*) OVER (PARTITION BY links.link) AS members
       FROM links CROSS JOIN LATERAL (
         SELECT l.shopper_id FROM shopper_links l WHERE l.shop_id = $1 AND l.link = links.link
         ORDER BY l.shopper_id LIMIT $3) met
     )
     SELECT shared.link, s.shopper_id AS "shopperId", p.shopper_id AS "personId", p.known
     FROM shared
     JOIN shoppers s ON s.shop_id = $1 AND s.shopper_id = shared.shopper_id
     JOIN shoppers p ON p.shop_id = $1
      AND p.shopper_id = CASE WHEN s.merge_inferred THEN s.shopper_id ELSE COALESCE(s.merged_into, s.shopper_id) END
     WHERE shared.members > 1`,
    [shopId, shopperIds, MOST_SHOPPERS_A_LINK + 1],
  )
  return rows
}
