/** Sends every route every kind of request that it must not fall for, and writes down the answers. */

import { makeSessionToken } from "../../support/shop/admin/session-token.ts"
import { signProxyUrl } from "../../support/shop/app-proxy.ts"
import { webhookHeaders } from "../../support/shop/sign-webhook.ts"
import type { MarkedShop } from "./marked-shop.ts"
import { ROUTES, type RouteUnderAttack } from "./routes.ts"

export const ATTACKS = [
  "genuine",
  "no auth",
  "no auth, data alone",
  "other shop",
  "bad signature",
  "replay",
  "oversize",
  "wrong method",
  "wrong type",
  "wrong content",
] as const
export type Attack = (typeof ATTACKS)[number]

export type Answer = {
  file: string
  path: string
  attack: Attack
  /** Status, with where a redirect leads. */
  words: string
  status: number
  /** Marks of a shop that was not the one that asked. */
  leaks: string[]
  /** Whether one of the asking shop's own marks is there. */
  own: boolean
}

export type Ground = { url: string; secret: string; shop: MarkedShop; other: MarkedShop }

/** Past every cap: the webhooks' is the highest, 5 MiB. */
const OVERSIZE_BYTES = 6 << 20
const LONG_AGO_MS = 600_000
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36"

export async function attackRoutes(ground: Ground): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const route of ROUTES)
    for (const attack of ATTACKS) {
      const answer = await attackRoute(ground, route, attack)
      if (answer) answers.push(answer)
    }
  return answers
}

type Credentials = { signer: MarkedShop | null; spoilt: boolean; madeMs: number }

/** @returns null where the attack means nothing: who need not say who they are cannot say it wrongly */
async function attackRoute(ground: Ground, route: RouteUnderAttack, attack: Attack): Promise<Answer | null> {
  const { shop, other } = ground
  const open = route.guard === "none"
  const good: Credentials = { signer: shop, spoilt: false, madeMs: Date.now() }
  const nobody: Credentials = { ...good, signer: null }
  const body = route.body ? JSON.stringify(route.body(shop)) : undefined
  const plain = {
    method: route.method as string,
    body,
    query: route.query?.(shop) ?? {},
    type: "application/json",
  }
  switch (attack) {
    case "genuine":
      return ask(ground, route, attack, good, plain)
    case "no auth":
      return open ? null : ask(ground, route, attack, nobody, plain)
    case "no auth, data alone": {
      // As Remix' own client asks: the data of one route without its page.
      if (route.guard !== "session") return null
      const query = { ...plain.query, _data: `routes/${route.file.replace(/\.tsx?$/, "")}` }
      return ask(ground, route, attack, nobody, { ...plain, query })
    }
    case "other shop":
      return open ? null : ask(ground, route, attack, { ...good, signer: other }, plain)
    case "bad signature":
      return open ? null : ask(ground, route, attack, { ...good, spoilt: true }, plain)
    case "replay":
      return open ? null : replay(ground, route, good, plain)
    case "oversize":
      return ask(ground, route, attack, good, { ...plain, method: "POST", body: "x".repeat(OVERSIZE_BYTES) })
    case "wrong method":
      return ask(ground, route, attack, good, {
        ...plain,
        method: route.method === "GET" ? "POST" : "GET",
        body: route.method === "GET" ? "{}" : undefined,
      })
    case "wrong type":
      return ask(ground, route, attack, good, {
        ...plain,
        method: route.method,
        type: "multipart/form-data; boundary=",
      })
    case "wrong content":
      return ask(ground, route, attack, good, {
        ...plain,
        query: {
          ...plain.query,
          from: "\u0000",
          days: "__proto__",
          request: "' OR 1=1 --",
          product: "<script>",
          count: "-1",
        },
        ...(body === undefined ? {} : { body: '{"__proto__": {"shopId": 1}, ' }),
      })
    default:
      return attack satisfies never
  }
}

type Sent = { method: string; body: string | undefined; query: Record<string, string>; type: string }

/** Tokens and proxy signatures grow old; a webhook that comes again is told from a new one by its id. */
async function replay(
  ground: Ground,
  route: RouteUnderAttack,
  good: Credentials,
  sent: Sent,
): Promise<Answer> {
  if (route.guard !== "webhook")
    return ask(ground, route, "replay", { ...good, madeMs: Date.now() - LONG_AGO_MS }, sent)
  await ask(ground, route, "replay", good, sent)
  return ask(ground, route, "replay", good, sent)
}

async function ask(
  { url, secret, shop, other }: Ground,
  route: RouteUnderAttack,
  attack: Attack,
  credentials: Credentials,
  sent: Sent,
): Promise<Answer> {
  const address = new URL(route.path, url)
  for (const [name, value] of Object.entries(sent.query)) address.searchParams.set(name, value)
  const signed = sign(address, route, attack, credentials, sent, secret)
  const response = await fetch(signed.address, {
    method: sent.method,
    redirect: "manual",
    headers: {
      "User-Agent": BROWSER,
      Accept: "text/html",
      ...(sent.body === undefined ? {} : { "Content-Type": sent.type }),
      ...signed.headers,
    },
    ...(sent.body === undefined ? {} : { body: sent.body }),
  }).catch((error: Error) => new Response(String(error.cause), { status: 599 }))
  const text = `${JSON.stringify([...response.headers])} ${await response.text()}`
  const asks =
    credentials.spoilt || attack === "replay" ? null : route.guard === "none" ? null : credentials.signer
  const strangers = [shop, other].filter((one) => one !== asks)
  const location = response.headers.get("location")
  const mark = { file: route.file, path: route.path, attack, status: response.status }
  return {
    ...mark,
    words: `${response.status}${location === null ? "" : ` → ${new URL(location, url).pathname}`}`,
    leaks: strangers.flatMap(({ marks }) => marks.filter((one) => text.includes(one))),
    own: asks?.marks.some((one) => text.includes(one)) ?? false,
  }
}

function sign(
  address: URL,
  { guard }: RouteUnderAttack,
  attack: Attack,
  { signer, spoilt, madeMs }: Credentials,
  { body }: Sent,
  secret: string,
): { address: URL; headers: Record<string, string> } {
  if (!signer) return { address, headers: {} }
  switch (guard) {
    case "none":
      return { address, headers: {} }
    case "session": {
      const token = makeSessionToken(signer.state, madeMs)
      return { address, headers: { Authorization: `Bearer ${spoilt ? spoil(token) : token}` } }
    }
    case "proxy": {
      const genuine = signProxyUrl(address, secret, {
        shop: signer.domain,
        logged_in_customer_id: signer.customerId,
        path_prefix: "/apps/throughline",
        timestamp: String(Math.floor(madeMs / 1_000)),
      })
      if (spoilt) genuine.searchParams.set("signature", spoil(genuine.searchParams.get("signature") ?? ""))
      return { address: genuine, headers: {} }
    }
    case "webhook": {
      const given = { topic: "orders/updated", shop: signer.domain, body: body ?? "", secret }
      const headers = webhookHeaders({ ...given, webhookId: `attack-${attack.replaceAll(" ", "-")}` })
      const name = "X-Shopify-Hmac-SHA256"
      return { address, headers: { ...headers, ...(spoilt ? { [name]: spoil(headers[name] ?? "") } : {}) } }
    }
    default:
      return guard satisfies never
  }
}

/** Another letter in the middle. */
function spoil(signature: string): string {
  const at = signature.length - 8
  return signature.slice(0, at) + (signature[at] === "a" ? "b" : "a") + signature.slice(at + 1)
}

/** Routes down, attacks across. */
export function answerTable(answers: readonly Answer[]): string {
  const files = [...new Set(answers.map(({ file }) => file))]
  const rows = files.map((file) => {
    const own = answers.filter((answer) => answer.file === file)
    const cells = ATTACKS.map((attack) => {
      const answer = own.find((one) => one.attack === attack)
      return answer ? `${answer.words}${answer.leaks.length > 0 ? " LEAKS" : ""}` : "–"
    })
    return [file, ...cells]
  })
  const head = ["route", ...ATTACKS]
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .join("\n")
}
