import type pg from "pg"

/** Shops that the data has, installed or not, or those of which the vault holds something. */
export async function listShops(
  client: Pick<pg.Client, "query">,
  where: "data" | "vault",
): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    where === "vault"
      ? "SELECT list_vault_shop_ids() AS id"
      : "SELECT list_shop_ids() AS id UNION SELECT list_left_shop_ids() ORDER BY id",
  )
  return rows.map(({ id }) => id)
}
