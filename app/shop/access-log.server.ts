import type pg from "pg"

/** Who reads: a member of the shop's staff (by Shopify's id), a job, or a command of whoever runs the app. */
export type Actor = `staff:${string}` | `job:${string}` | `command:${string}`

export type AccessAction =
  | "collect_data_request"
  | "read_data_request"
  // Training rows name nobody; on record all the same, for the merchant decides who sees them.
  | "started_sharing_training_rows"
  | "stopped_sharing_training_rows"
  | "wrote_training_rows_for_a_shared_model"

/**
 * Notes that personal data is about to be read in the clear. In the transaction that reads it, or before: what is
 * not on record is not read. Rows are added and never changed (the serving role may not).
 */
export async function logAccess(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  entry: { actor: Actor; action: AccessAction; shopperId: string | null },
): Promise<void> {
  await client.query("INSERT INTO access_log (shop_id, actor, action, shopper_id) VALUES ($1, $2, $3, $4)", [
    shopId,
    entry.actor,
    entry.action,
    entry.shopperId,
  ])
}
