/**
 * POST /admin/oauth/access_token: a session token for an online or an offline token, and a refresh token for the next
 * pair. Offline tokens last an hour where the app asks for such, else for good.
 */
import { randomBytes } from "node:crypto"
import { z } from "zod"
import type { AccessToken } from "../state/installation.ts"
import type { ShopState } from "../state.ts"
import { verifySessionToken } from "./session-token.ts"

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
const ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"

export const OFFLINE_LIVES_SECONDS = 3_600
const ONLINE_LIVES_SECONDS = 86_399
const REFRESH_LIVES_SECONDS = 90 * 86_400
/** From its first use on. */
const AGAIN_WITHIN_SECONDS = 30 * 86_400

export type OauthAnswer = { status: number; body: object }

const tokenRequest = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  grant_type: z.string(),
  subject_token: z.string().optional(),
  requested_token_type: z.string().optional(),
  refresh_token: z.string().optional(),
  expiring: z.union([z.string(), z.number(), z.boolean()]).optional(),
})

export function answerTokenRequest(state: ShopState, body: unknown): OauthAnswer {
  const asked = tokenRequest.safeParse(body)
  if (!asked.success) return refused("invalid_request", "A parameter is missing.")
  const { installation } = state.store
  const { client_id, client_secret, grant_type } = asked.data
  if (client_id !== installation.apiKey || !installation.secrets.includes(client_secret))
    return refused("invalid_client", "The client id or secret is wrong.", 401)
  if (installation.installedAtMs === null)
    return refused("app_not_installed", "The app is not installed in this shop.")
  switch (grant_type) {
    case EXCHANGE:
      return exchange(state, asked.data)
    case "refresh_token":
      return refresh(state, asked.data.refresh_token ?? "")
    default:
      return refused("unsupported_grant_type", `${grant_type} is not supported.`)
  }
}

function exchange(
  state: ShopState,
  { subject_token, requested_token_type, expiring }: z.infer<typeof tokenRequest>,
): OauthAnswer {
  const userId = verifySessionToken(state, subject_token ?? "", Date.now())
  if (userId === null) return refused("invalid_subject_token", "The session token is not good.")
  const scope = state.store.installation.scopes.join(",")
  if (requested_token_type === ONLINE) {
    const token = giveToken(state, "online", ONLINE_LIVES_SECONDS, userId)
    return given({
      access_token: token,
      scope,
      expires_in: ONLINE_LIVES_SECONDS,
      associated_user_scope: scope,
      associated_user: staff(userId, state),
    })
  }
  if (requested_token_type !== OFFLINE)
    return refused("invalid_request", "requested_token_type is neither online nor offline.")
  if (expiring === undefined || String(expiring) === "0" || String(expiring) === "false")
    return given({ access_token: giveToken(state, "offline", null, null), scope })
  return given(offlinePair(state, null))
}

/** A used refresh token is good for a while longer, until one that came of it is used: an answer may have been lost. */
function refresh(state: ShopState, presented: string): OauthAnswer {
  const { refreshTokens } = state.store.installation
  const found = refreshTokens.get(presented)
  const now = state.now()
  const isGood =
    found !== undefined &&
    now < found.expiresAtMs &&
    (found.firstUsedMs === null || now < found.firstUsedMs + AGAIN_WITHIN_SECONDS * 1000)
  if (!isGood) return refused("invalid_grant", "The refresh token is unknown, expired or was used.")
  found.firstUsedMs ??= now
  if (found.replaces !== null) refreshTokens.delete(found.replaces)
  return given(offlinePair(state, presented))
}

function offlinePair(state: ShopState, replaces: string | null) {
  const { installation } = state.store
  const refreshToken = `shprt_${randomBytes(16).toString("hex")}`
  installation.refreshTokens.set(refreshToken, {
    expiresAtMs: state.now() + REFRESH_LIVES_SECONDS * 1000,
    firstUsedMs: null,
    replaces,
  })
  return {
    access_token: giveToken(state, "offline", OFFLINE_LIVES_SECONDS, null),
    scope: installation.scopes.join(","),
    expires_in: OFFLINE_LIVES_SECONDS,
    refresh_token: refreshToken,
    refresh_token_expires_in: REFRESH_LIVES_SECONDS,
  }
}

function giveToken(
  state: ShopState,
  kind: AccessToken["kind"],
  livesSeconds: number | null,
  userId: string | null,
): string {
  const { installation } = state.store
  const token = `${kind === "online" ? "shpua" : "shpat"}_${randomBytes(16).toString("hex")}`
  installation.tokens.set(token, {
    kind,
    scopes: [...installation.scopes],
    expiresAtMs: livesSeconds === null ? null : state.now() + livesSeconds * 1000,
    userId,
  })
  return token
}

function staff(userId: string, state: ShopState) {
  return {
    id: Number(userId),
    first_name: "Staff",
    last_name: `Member ${userId}`,
    email: `staff-${userId}@${state.store.shop.domain}`,
    email_verified: true,
    account_owner: userId === "1",
    locale: "en",
    collaborator: false,
  }
}

function refused(error: string, description: string, status = 400): OauthAnswer {
  return { status, body: { error, error_description: description } }
}

function given(body: object): OauthAnswer {
  return { status: 200, body }
}
