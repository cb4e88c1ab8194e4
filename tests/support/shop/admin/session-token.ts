/** Session tokens as App Bridge gives them: HS256 under one of the app's secrets, good for a minute. */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto"
import { z } from "zod"
import type { ShopState } from "../state.ts"

const LIVES_SECONDS = 60

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
const sign = (text: string, secret: string) => createHmac("sha256", secret).update(text).digest("base64url")

export type TokenOptions = { apiKey: string; apiSecret: string; shopDomain: string; userId?: string }

export function signSessionToken(options: TokenOptions, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const claims = {
    iss: `https://${options.shopDomain}/admin`,
    dest: `https://${options.shopDomain}`,
    aud: options.apiKey,
    sub: options.userId ?? "1",
    exp: now + LIVES_SECONDS,
    nbf: now - 5,
    iat: now - 5,
    jti: randomUUID(),
    sid: randomUUID(),
  }
  const text = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`
  return `${text}.${sign(text, options.apiSecret)}`
}

/** `userId` is the member of staff. While a secret is rotated, Shopify signs with the oldest that was not revoked. */
export function makeSessionToken(state: ShopState, nowMs: number, userId = "1"): string {
  const { shop, installation } = state.store
  const apiSecret = installation.secrets.at(-1) ?? ""
  return signSessionToken({ apiKey: installation.apiKey, apiSecret, shopDomain: shop.domain, userId }, nowMs)
}

const tokenClaims = z.object({ dest: z.string(), aud: z.string(), sub: z.string(), exp: z.number() })

/** The member of staff, or null where the token is not of this shop and app, or its minute is over. */
export function verifySessionToken(state: ShopState, token: string, nowMs: number): string | null {
  const [header, body = "", signature = ""] = token.split(".")
  const { shop, installation } = state.store
  const genuine = installation.secrets.some((secret) => {
    const expected = Buffer.from(sign(`${header}.${body}`, secret))
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!genuine) return null
  const claims = tokenClaims.parse(JSON.parse(Buffer.from(body, "base64url").toString()))
  const fits = claims.dest === `https://${shop.domain}` && claims.aud === installation.apiKey
  return fits && claims.exp * 1000 > nowMs ? claims.sub : null
}
