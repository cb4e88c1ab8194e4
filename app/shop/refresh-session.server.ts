/**
 * Keeps a shop's offline token fresh for work outside a request. Shopify's library would refresh too, but it takes a
 * refused token and an unreachable Shopify for the same, and would store the new tokens of a shop that has left in
 * the meantime.
 *
 * Two processes may refresh at once: Shopify lets a refresh token be used again until its replacement is used
 * (changelog of 28 August 2026). The first answer is stored; the second finds the row changed and takes what is there.
 */
import type { Session } from "@shopify/shopify-api"
import { findShop, prismaWithoutShop } from "../db.server.ts"
import { log } from "../log.server.ts"
import { openRefreshToken, sealedTokens } from "./sealed-sessions.server.ts"

/** Above the library's own five minutes: what this leaves alone, it leaves alone too. */
const MARGIN_MS = 6 * 60_000

/** Asks Shopify. Refused means that it never will give one again; any other failure throws. */
export type Exchange = (shopDomain: string, refreshToken: string) => Promise<Session | "refused">

const running = new Map<string, Promise<boolean>>()

/** @returns whether the shop has a token that can be used */
export function refreshIfDue(shopDomain: string, sessionId: string, exchange: Exchange): Promise<boolean> {
  const before = running.get(sessionId)
  if (before) return before
  const work = refresh(shopDomain, sessionId, exchange).finally(() => running.delete(sessionId))
  running.set(sessionId, work)
  return work
}

/** A token that Shopify takes no more, whatever its time says. */
export async function endToken(session: Session): Promise<void> {
  await prismaWithoutShop().shopifySession.updateMany({
    // Another process may have a new one by now.
    where: { id: session.id, expires: session.expires ?? null },
    data: { expires: new Date(0) },
  })
}

async function refresh(shopDomain: string, sessionId: string, exchange: Exchange): Promise<boolean> {
  const shop = await findShop(shopDomain)
  if (!shop?.installed) return false
  const sessions = prismaWithoutShop().shopifySession
  const row = await sessions.findUnique({ where: { id: sessionId } })
  if (!row) return false
  const lastsMs = row.expires ? row.expires.getTime() - Date.now() : Number.POSITIVE_INFINITY
  if (lastsMs > MARGIN_MS) return true
  const token = row.refreshToken && (await openRefreshToken(shop.shopId, sessionId, row.refreshToken))
  if (!token) return lastsMs > 0
  const fresh = await exchange(shopDomain, token)
  // Only over what was read: the app may have left, or another process been quicker.
  const unchanged = { id: sessionId, accessToken: row.accessToken }
  if (fresh === "refused") {
    const { count } = await sessions.updateMany({ where: unchanged, data: { refreshToken: null } })
    if (count === 0) return (await sessions.count({ where: { id: sessionId } })) > 0
    log.warn(
      { shopId: shop.shopId },
      "Shopify refused to renew the shop's token: work in its admin waits until somebody opens the app there",
    )
    return lastsMs > 0
  }
  await sessions.updateMany({
    where: unchanged,
    data: {
      ...(await sealedTokens(shop.shopId, fresh)),
      expires: fresh.expires ?? null,
      refreshTokenExpires: fresh.refreshTokenExpires ?? null,
      scope: fresh.scope ?? row.scope,
    },
  })
  return (await sessions.count({ where: { id: sessionId } })) > 0
}
