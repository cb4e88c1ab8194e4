import { Session } from "@shopify/shopify-api"
import type { SessionStorage } from "@shopify/shopify-app-session-storage"
import { ensureShop } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { open, seal, shopKeys } from "./keys.server.ts"

const SEALED = ["accessToken", "refreshToken"] as const

type Change = (key: Uint8Array, text: string, place: string) => string

const sealText: Change = (key, text, place) => seal(key, text, place).toString("base64")
const openText: Change = (key, text, place) => open(key, Buffer.from(text, "base64"), place).toString()

/**
 * A session storage whose access tokens are sealed under the shop's key: whoever reads the database or a backup of
 * it cannot act in anyone's shop.
 */
export function sealedSessions(inner: SessionStorage): SessionStorage {
  return {
    storeSession: async (session) => inner.storeSession(await withTokens(session, sealText)),
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
  try {
    return await withTokens(session, openText)
  } catch (error) {
    if (!(error instanceof AppError && error.code === "internal")) throw error
    log.warn({ code: error.code }, "a stored session does not open and is asked for again")
    return undefined
  }
}

async function withTokens(session: Session, change: Change): Promise<Session> {
  const { wrap } = await shopKeys(await ensureShop(session.shop))
  const parts = session.toObject()
  for (const name of SEALED) {
    const token = parts[name]
    if (token) parts[name] = change(wrap, token, `shopify_sessions/${session.id}/${name}`)
  }
  return new Session(parts)
}
