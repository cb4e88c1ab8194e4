import type pg from "pg"

/** What of a shop's past is read, in this order: what an event names must be there first. */
export const HISTORY_KINDS = [
  "history_products",
  "history_inventory",
  "history_collections",
  "history_customers",
  "history_orders",
  // Those older than 60 days, where the merchant allows it: with them all the others again.
  "history_all_orders",
] as const

export type HistoryKind = (typeof HISTORY_KINDS)[number]

/**
 * Asks for the shop's history, once for each installation; what was asked for before is not asked again. The rows are
 * what the job works off.
 * @param client in the shop's transaction, which holds the shop's row
 */
export async function requestHistory(client: pg.PoolClient, shopId: number): Promise<void> {
  const { rows } = await client.query<{ scopes: string }>(
    "SELECT scopes FROM shops WHERE shop_id = $1 AND uninstalled_at IS NULL",
    [shopId],
  )
  const [shop] = rows
  if (!shop) return
  const all = shop.scopes.split(",").includes("read_all_orders")
  const kinds = HISTORY_KINDS.filter((kind) => kind !== (all ? "history_orders" : "history_all_orders"))
  await client.query(
    `INSERT INTO import_runs (shop_id, kind, started_at)
     SELECT $1, g.kind, clock_timestamp() FROM unnest($2::text[]) WITH ORDINALITY AS g (kind, place)
     WHERE NOT EXISTS (
       SELECT FROM import_runs r JOIN shops s ON s.shop_id = r.shop_id
       WHERE r.shop_id = $1 AND r.kind = g.kind AND r.started_at >= s.installed_at)
     ORDER BY g.place`,
    [shopId, kinds],
  )
  await client.query(
    "UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = 'import_history'",
    [shopId],
  )
}

/**
 * Asks for one kind again, from its beginning. What is there already stays: reading it twice changes nothing.
 * @param client in the shop's transaction
 * @returns false where it is being read already, or the shop does not allow it (any more)
 */
export async function requestAgain(
  client: pg.PoolClient,
  shopId: number,
  kind: HistoryKind,
): Promise<boolean> {
  // One at a time, as in an installation.
  const { rows } = await client.query<{ scopes: string }>(
    "SELECT scopes FROM shops WHERE shop_id = $1 AND uninstalled_at IS NULL FOR UPDATE",
    [shopId],
  )
  const [shop] = rows
  if (!shop) return false
  if (kind === "history_all_orders" && !shop.scopes.split(",").includes("read_all_orders")) return false
  const { rowCount } = await client.query(
    `INSERT INTO import_runs (shop_id, kind, started_at)
     SELECT $1, $2, clock_timestamp()
     WHERE NOT EXISTS (
       SELECT FROM import_runs r JOIN shops s ON s.shop_id = r.shop_id
       WHERE r.shop_id = $1 AND r.kind = $2 AND r.state = 'running' AND r.started_at >= s.installed_at)`,
    [shopId, kind],
  )
  return rowCount === 1
}
