import type pg from "pg"

/**
 * Keeps what the shop allows the app, as of `at`; what was said earlier does not come back. With managed installation
 * Shopify itself asks the merchant when shopify.app.toml wants more.
 * @returns whether it is the newest that is known; the shop's row is held then
 */
export async function recordScopes(
  client: pg.PoolClient,
  shopId: number,
  scopes: readonly string[],
  at: Date,
): Promise<boolean> {
  const { rows } = await client.query<{ domain: string; scopes: string }>(
    `UPDATE shops SET scopes = $2, scopes_at = $3
     WHERE shop_id = $1 AND uninstalled_at IS NULL AND (scopes_at IS NULL OR scopes_at <= $3)
     RETURNING domain, scopes`,
    [shopId, [...scopes].sort().join(","), at],
  )
  const [kept] = rows
  if (!kept) return false
  await client.query("UPDATE shopify_sessions SET scope = $2 WHERE shop = $1 AND scope IS DISTINCT FROM $2", [
    kept.domain,
    kept.scopes,
  ])
  return true
}
