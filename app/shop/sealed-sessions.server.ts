import { Session } from "@shopify/shopify-api"
import type { SessionStorage } from "@shopify/shopify-app-session-storage"
import { ensureShop, findShop } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { open, seal, shopKeys } from "./keys.server.ts"

const SEALED = ["accessToken", "refreshToken"] as const

type Change = (key: Uint8Array, text: string, place: string) => string

const sealText: Change = (key, text, place) => seal(key, text, place).toString("base64")
const openText: Change = (key, text, place) => open(key, Buffer.from(text, "base64"), place).toString()

/**
 * A session storage whose access tokens are sealed under the shop's key: whoever reads the database or a backup of
 * it cannot act in anyone's shop. A shop that the app has left has no session, whatever the storage holds.
 */
export function sealedSessions(inner: SessionStorage): SessionStorage {
  return {
    storeSession: async (session) => {
      // Shopify's library empties a session whose token the shop refused: perhaps because the app has just left.
      if (!session.accessToken) return inner.deleteSession(session.id)
      // Only an exchange of tokens brings one here: the shop has the app.
      return inner.storeSession(await withTokens(await ensureShop(session.shop), session, sealText))
    },
    loadSession: async (id) => {
      const session = await inner.loadSession(id)
      return session && opened(session)
    },
    deleteSession: (id) => inner.deleteSession(id),
    deleteSessions: (ids) => inner.deleteSessions(ids),
    findSessionsByShop: async (shop) => {
      const sessions = await Promise.all((await inner.findSessionsByShop(shop)).map(opened))
      return sessions.filter((session) => session !== undefined)
    },
  }
}

/** A session that does not open counts as none: the next visit to the admin brings a new one. */
async function opened(session: Session): Promise<Session | undefined> {
  const shop = await findShop(session.shop)
  if (!shop?.installed) return undefined
  try {
    return await withTokens(shop.shopId, session, openText)
  } catch (error) {
    if (!(error instanceof AppError && error.code === "internal")) throw error
    log.warn({ code: error.code }, "a stored session does not open and is asked for again")
    return undefined
  }
}

async function withTokens(shopId: number, session: Session, change: Change): Promise<Session> {
  const { wrap } = await shopKeys(shopId)
  const parts = session.toObject()
  for (const name of SEALED) {
    const token = parts[name]
    if (token) parts[name] = change(wrap, token, tokenPlace(session.id, name))
  }
  return new Session(parts)
}

const tokenPlace = (sessionId: string, name: (typeof SEALED)[number]) =>
  `shopify_sessions/${sessionId}/${name}`

/** The session's tokens as they are stored, for who replaces them outside the library. */
export async function sealedTokens(
  shopId: number,
  session: Session,
): Promise<{ accessToken: string; refreshToken: string | null }> {
  const { accessToken, refreshToken } = await withTokens(shopId, session, sealText)
  return { accessToken: accessToken ?? "", refreshToken: refreshToken ?? null }
}

/** @returns null where it does not open */
export async function openRefreshToken(
  shopId: number,
  sessionId: string,
  sealed: string,
): Promise<string | null> {
  const { wrap } = await shopKeys(shopId)
  try {
    return openText(wrap, sealed, tokenPlace(sessionId, "refreshToken"))
  } catch (error) {
    if (error instanceof AppError && error.code === "internal") return null
    throw error
  }
}
