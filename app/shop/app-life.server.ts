/** The app's own life in a shop, as Shopify tells it: it was uninstalled, or may do more or less than before. */
import type pg from "pg"
import { z } from "zod"
import { recordScopes } from "./granted-scopes.server.ts"
import { requestHistory } from "./request-history.server.ts"
import type { AppLifeTopic } from "./webhook-topics.ts"

export type AppLifeDelivery = {
  topic: AppLifeTopic
  body: string
  triggeredAt: Date | null
  receivedAt: Date
}

const uninstalled = z.object({ myshopify_domain: z.string() })
const scopesUpdate = z.object({
  current: z.array(z.string().regex(/^[a-z_]{1,100}$/)).max(500),
  updated_at: z.iso.datetime({ offset: true }).optional(),
})

/** Whether the app is in the shop. A long job asks again between its parts. */
export async function isInstalled(client: pg.PoolClient, shopId: number): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM shops WHERE shop_id = $1 AND uninstalled_at IS NULL", [
    shopId,
  ])
  return rowCount === 1
}

/**
 * Does what a delivery says, in its transaction; again, or late, it changes nothing. The door does so before it
 * answers an uninstall, so that everything stops at once; the delivery is worked off like any other afterwards.
 */
export async function applyAppLife(
  client: pg.PoolClient,
  shopId: number,
  { topic, body, triggeredAt, receivedAt }: AppLifeDelivery,
): Promise<"applied" | "bad_payload"> {
  // The header is not signed, and clocks differ: nothing was triggered after it came.
  const at = triggeredAt && triggeredAt < receivedAt ? triggeredAt : receivedAt
  switch (topic) {
    case "app/uninstalled": {
      const parsed = uninstalled.safeParse(parseJson(body))
      if (!parsed.success) return "bad_payload"
      // Shopify signs the body and not the headers: another shop's message, sent again as this one's, stops nothing.
      const { rowCount } = await client.query("SELECT FROM shops WHERE shop_id = $1 AND domain = $2", [
        shopId,
        parsed.data.myshopify_domain,
      ])
      if (!rowCount) return "bad_payload"
      await markUninstalled(client, shopId, at)
      return "applied"
    }
    case "app/scopes_update": {
      const parsed = scopesUpdate.safeParse(parseJson(body))
      if (!parsed.success) return "bad_payload"
      const { current, updated_at } = parsed.data
      const isNewest = await recordScopes(client, shopId, current, updated_at ? new Date(updated_at) : at)
      // The whole history may be allowed now.
      if (isNewest) await requestHistory(client, shopId)
      return "applied"
    }
    default:
      return topic satisfies never
  }
}

/** The tokens go with the mark. A message from before the shop came back is late and changes nothing. */
async function markUninstalled(client: pg.PoolClient, shopId: number, at: Date): Promise<void> {
  await client.query(
    `WITH left_shop AS (
       UPDATE shops SET uninstalled_at = $2, scopes = '', scopes_at = NULL
       WHERE shop_id = $1 AND uninstalled_at IS NULL AND installed_at <= $2 RETURNING domain
     )
     DELETE FROM shopify_sessions s USING left_shop WHERE s.shop = left_shop.domain`,
    [shopId, at],
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Bad input is data: undefined fits no schema.
    return undefined
  }
}
