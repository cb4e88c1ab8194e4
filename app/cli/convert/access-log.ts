/**
 * A web server's access log in Combined Log Format (Apache's and Nginx's usual one), by a mapping of paths to event
 * types.
 *
 * A shopper is a keyed hash (HMAC-SHA-256) of network address and user agent: no address is written. The key is made
 * for the run and forgotten, or given by --key so that several logs name a browser alike. An order's token in an
 * address opens its page, so it is hashed as well; it names the event, so a thank-you page seen twice is one purchase.
 *
 * Limits: two browsers of one version behind one address are one shopper; one browser that changes network is two. A
 * log holds no prices, and no product in a cart but by the page that the request came from. A failed login that is
 * answered like a good one counts.
 */
import { createHmac, randomBytes } from "node:crypto"
import type { PlainEvent, PlainItem } from "../../capture/event.ts"
import { AppError } from "../../errors.ts"
import { type LoggedRequest, parseLogLine, splitUrl } from "./access-log-line.ts"
import { DEFAULT_RULES, meaningOf, type PathRule, readRules } from "./access-log-mapping.ts"
import { isProgram, likelySite, sourceOf } from "./access-log-visits.ts"
import { type Converter, convertRows, textRows } from "./conversion.ts"

const LEAST_KEY_CHARS = 16
/** Enough to meet visits of the shop's own pages. */
const SAMPLE_LINES = 5_000

const REASONS = {
  not_combined_format: 'expected: address - user [time] "request" status bytes "referrer" "user agent"',
  bad_time: "expected a time like 10/Oct/2025:13:55:36 +0200",
  no_request: "no HTTP request",
  bad_address: "broken escapes in the address",
  program: "bots, monitors and other programs, by user agent",
  other_method: "neither GET nor POST",
  not_answered: "answered with an error",
  redirected: "sent on to another page, which has a line of its own",
  asset: "images, scripts, styles and the like",
  unmapped_path: "no rule of the mapping fits",
} as const
type Reason = keyof typeof REASONS

const ASSET =
  /\.(?:js|mjs|css|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|eot|mp4|webm|json|xml|txt|pdf)$/i

export const accessLog: Converter = {
  about: "a web server's log in Combined Log Format (text, also .gz)",
  input: "a web server's log in Combined Log Format",
  reasons: REASONS,
  async open(path, options, tally) {
    const { key } = options
    if (key !== null && key.length < LEAST_KEY_CHARS)
      throw new AppError(
        "bad_request",
        `--key must have at least ${LEAST_KEY_CHARS} characters, got ${key.length}. Make one, for example: openssl rand -hex 16`,
      )
    const rules = options.mapping === null ? DEFAULT_RULES : await readRules(options.mapping)
    const site = options.site?.toLowerCase().replace(/^www\./, "") ?? (await siteOfLog(path))
    const secret = key ?? randomBytes(32).toString("base64")
    const handles = new Set<string>()
    return {
      batches: convertRows(textRows(path), tally, ({ text }) => {
        const request = parseLogLine(String(text))
        if (typeof request === "string") return request
        const event = eventOfRequest(request, { rules, site, key: secret })
        if (typeof event === "string") return event
        if (event.item !== undefined) handles.add(event.item)
        return [event]
      }),
      *items(): Generator<PlainItem> {
        for (const item of handles) yield { item, title: titleOfHandle(item) }
      },
      notes: () => [
        site === null
          ? "The shop's own host could not be told from the log, so links from other sites give no source. Name it with --site."
          : `Links from sites other than ${site} give a visit its source.`,
        key === null
          ? "Shoppers are hashed with a key of this run alone. For several logs of one shop, give each the same --key."
          : "Keep the key secret: with it, addresses can be found again by trying them all.",
        "Items have titles made of their addresses. Import the shop's own items for real ones.",
      ],
    }
  },
}

async function siteOfLog(path: string): Promise<string | null> {
  const referrers: string[] = []
  let lines = 0
  for await (const { rows } of textRows(path)) {
    for (const row of rows) {
      const request = row.fields ? parseLogLine(String(row.fields.text)) : row.reason
      if (typeof request !== "string") referrers.push(request.referrer)
    }
    lines += rows.length
    if (lines >= SAMPLE_LINES) break
  }
  return likelySite(referrers)
}

export type LogReading = { rules: readonly PathRule[]; site: string | null; key: string }

export function eventOfRequest(request: LoggedRequest, reading: LogReading): PlainEvent | Reason {
  const { method, path, status } = request
  if (isProgram(request.userAgent)) return "program"
  if (method !== "GET" && method !== "POST") return "other_method"
  if (status < 200 || status >= 400) return "not_answered"
  const meaning = meaningOf(reading.rules, method, path)
  if (!meaning) return ASSET.test(path) || path.startsWith("/cdn/") ? "asset" : "unmapped_path"
  const { rule, order } = meaning
  // 304: the browser showed the page that it had kept.
  if (status >= 300 && status !== 304 && !rule.redirect) return "redirected"
  const hashed = (what: string) =>
    createHmac("sha256", reading.key).update(what).digest("base64url").slice(0, 22)
  const orderRef = order === undefined ? undefined : hashed(`order\0${order}`)
  return {
    shopper: hashed(`shopper\0${request.address}\0${request.userAgent}`),
    type: rule.type,
    atMs: request.atMs,
    item: meaning.item ?? (rule.itemOfReferrer ? itemOfReferrer(request, reading) : undefined),
    order: orderRef,
    query: rule.query
      ? new URLSearchParams(request.parameters).get(rule.query)?.trim() || undefined
      : undefined,
    // Coming back from a payment page on another site starts no new visit.
    source: /^(?:checkout_|purchase)/.test(rule.type) ? undefined : sourceOf(request, reading.site),
    id: orderRef === undefined ? undefined : `${rule.type}-${orderRef}`,
  }
}

function itemOfReferrer({ referrer }: LoggedRequest, { rules }: LogReading): string | undefined {
  const page = referrer === "" ? null : splitUrl(referrer)
  return page ? meaningOf(rules, "GET", page.path)?.item : undefined
}

/** `red-wool-hat` → Red wool hat. */
export function titleOfHandle(handle: string): string {
  const words = handle.replace(/[-_+\s]+/g, " ").trim() || handle
  return words.charAt(0).toUpperCase() + words.slice(1)
}
