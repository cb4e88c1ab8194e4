/**
 * The part of Shopify's admin that the app talks to from its server: the exchange of a session token for an access
 * token, and as much of the Admin GraphQL API as writing the default slates takes.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto"
import { z } from "zod"

export type AdminOptions = {
  apiKey: string
  apiSecret: string
  shopDomain: string
  shopName: string
  currency: string
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
const sign = (text: string, secret: string) => createHmac("sha256", secret).update(text).digest("base64url")

/** A session token as App Bridge gives it: HS256 under the app's secret, good for one minute. */
export function makeSessionToken({ apiKey, apiSecret, shopDomain }: AdminOptions, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const claims = {
    iss: `https://${shopDomain}/admin`,
    dest: `https://${shopDomain}`,
    aud: apiKey,
    sub: "1",
    exp: now + 60,
    nbf: now - 5,
    iat: now - 5,
    jti: randomUUID(),
    sid: randomUUID(),
  }
  const text = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`
  return `${text}.${sign(text, apiSecret)}`
}

function isOurs(token: string, secret: string): boolean {
  const [header, claims, signature = ""] = token.split(".")
  const expected = sign(`${header}.${claims}`, secret)
  return (
    signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  )
}

const exchange = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  subject_token: z.string().optional(),
  grant_type: z.string().optional(),
  requested_token_type: z.string().optional(),
})

export function exchangeToken(body: unknown, options: AdminOptions): { status: number; body: object } {
  const asked = exchange.safeParse(body)
  if (!asked.success) return { status: 400, body: { error: "invalid_request" } }
  const { client_id, client_secret, subject_token, requested_token_type } = asked.data
  if (client_id !== options.apiKey || client_secret !== options.apiSecret)
    return { status: 401, body: { error: "invalid_client" } }
  if (subject_token !== undefined && !isOurs(subject_token, options.apiSecret))
    return { status: 400, body: { error: "invalid_subject_token" } }
  const scope = "write_products,read_orders,read_customers"
  const token = { access_token: `shpat_${randomUUID().replaceAll("-", "")}`, scope, expires_in: 3_600 }
  if (
    requested_token_type?.endsWith("online-access-token") &&
    !requested_token_type.endsWith("offline-access-token")
  )
    return { status: 200, body: { ...token, associated_user_scope: scope, associated_user: owner } }
  return {
    status: 200,
    body: { ...token, refresh_token: `shprt_${randomUUID()}`, refresh_token_expires_in: 7_776_000 },
  }
}

const owner = {
  id: 1,
  first_name: "Demo",
  last_name: "Owner",
  email: "owner@shop.test",
  email_verified: true,
  account_owner: true,
  locale: "en",
  collaborator: false,
}

const metafieldsSet = z.object({
  metafields: z
    .array(
      z.object({
        ownerId: z.string(),
        namespace: z.string().default("$app"),
        key: z.string(),
        type: z.string().optional(),
        value: z.string(),
      }),
    )
    .max(25), // Shopify's own limit of a call
})

/** Slates that the app writes land in `slates`, where the storefront reads them. */
export function answerAdminQuery(
  body: unknown,
  options: AdminOptions,
  slates: Map<string, string[]>,
): object {
  const { query, variables } = Object(body)
  const text = typeof query === "string" ? query : ""
  if (text.includes("metafieldsSet")) {
    const { metafields } = metafieldsSet.parse(variables)
    for (const field of metafields) {
      if (field.namespace !== "$app" || field.key !== "recommendations") continue
      const ids = z.array(z.string()).parse(JSON.parse(field.value))
      slates.set(productOf(field.ownerId), ids.map(productOf))
    }
    return { data: { metafieldsSet: { metafields: metafields.map(({ key }) => ({ key })), userErrors: [] } } }
  }
  if (/\bshop\b/.test(text)) {
    const shop = {
      id: "gid://shopify/Shop/1",
      name: options.shopName,
      myshopifyDomain: options.shopDomain,
      currencyCode: options.currency,
      plan: { displayName: "Development" },
    }
    return { data: { shop } }
  }
  return { errors: [{ message: "The simulated shop answers `shop` and `metafieldsSet` alone." }] }
}

const productOf = (gid: string) => gid.replace("gid://shopify/Product/", "")
