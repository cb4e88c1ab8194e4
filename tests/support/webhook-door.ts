/** The app's door for webhooks, as a test knocks at it, and what is in the inbox behind it. */
import { prismaWithoutShop, withShopSql } from "../../app/db.server.ts"
import { action } from "../../app/routes/webhooks.ts"

export const knock = (request: Request): Promise<Response> => action({ request, params: {}, context: {} })

export type InboxRow = {
  topic: string
  state: string
  triggered_at: Date | null
  api_version: string
  body: Buffer
}

export async function inboxRows(shopId: number): Promise<InboxRow[]> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<InboxRow>(
      "SELECT topic, state, triggered_at, api_version, body FROM inbox ORDER BY delivery_id",
    ),
  )
  return rows
}

/** A token that nobody looks at. */
export const storeToken = (shop: string, expires: Date) =>
  prismaWithoutShop().shopifySession.create({
    data: { id: `offline_${shop}`, shop, state: "", accessToken: "sealed", refreshToken: "sealed", expires },
  })
