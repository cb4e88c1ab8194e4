/**
 * Whether a shop lets its training rows into models that several shops share. Off unless the merchant turned it on;
 * part `sharedModel` of the shop's settings. What cannot be read counts as off.
 */
import type pg from "pg"
import { z } from "zod"
import { listShopIds, withShopSql } from "../db.server.ts"
import { type Actor, logAccess } from "./access-log.server.ts"

type Client = Pick<pg.PoolClient, "query">

const sharedModelSettings = z.object({ share: z.boolean().default(false) })

export async function sharesTraining(client: Client, shopId: number): Promise<boolean> {
  const { rows } = await client.query<{ part: unknown }>(
    "SELECT coalesce(settings->'sharedModel', '{}') AS part FROM shops WHERE shop_id = $1",
    [shopId],
  )
  const parsed = sharedModelSettings.safeParse(rows[0]?.part)
  return parsed.success && parsed.data.share
}

/** Turns sharing on or off, on record in the same transaction. What it is already is left as it is. */
export async function setSharesTraining(
  client: Client,
  shopId: number,
  { share, actor }: { share: boolean; actor: Actor },
): Promise<void> {
  // The row is held first: of two clicks at once, the second sees what the first one did.
  await client.query("SELECT FROM shops WHERE shop_id = $1 FOR UPDATE", [shopId])
  if ((await sharesTraining(client, shopId)) === share) return
  const action = share ? "started_sharing_training_rows" : "stopped_sharing_training_rows"
  await logAccess(client, shopId, { actor, action, shopperId: null })
  await client.query(
    "UPDATE shops SET settings = jsonb_set(settings, '{sharedModel}', $2::jsonb) WHERE shop_id = $1",
    [shopId, JSON.stringify({ share })],
  )
}

/** Ids of the shops that share, of those that have the app. */
export async function listSharingShopIds(): Promise<number[]> {
  const sharing: number[] = []
  for (const shopId of await listShopIds())
    if (await withShopSql(shopId, (client) => sharesTraining(client, shopId))) sharing.push(shopId)
  return sharing
}
