import type { LoggedRequest } from "./access-log-line.ts"

/**
 * Programs that name themselves. Phones of the maker Cubot are people. A client that gives no name at all counts as
 * one too: no browser does so.
 */
const PROGRAM =
  /(?<!cu)bots?(?:\b|_)|crawl|spider|slurp|scrap|fetch|archiver|facebookexternalhit|preview|headless|phantom|selenium|playwright|lighthouse|pingdom|uptime|monitor|check_http|^(?:whatsapp|curl|wget|python|java|php|ruby|perl|node|axios|okhttp|go-http|libwww|apache-httpclient|postman|insomnia)/i

export function isProgram(userAgent: string): boolean {
  return userAgent === "" || PROGRAM.test(userAgent)
}

export function hostOf(address: string): string | null {
  const host = /^https?:\/\/(?:[^@/?#]*@)?([^/?#:]+)/i.exec(address)?.[1]
  return host ? host.toLowerCase().replace(/^www\./, "") : null
}

/**
 * The shop's own host, which the log's lines do not name: that of most referrers, for each page's images and next
 * pages come from the shop itself. Null where none makes up half of them.
 */
export function likelySite(referrers: Iterable<string>): string | null {
  const counts = new Map<string, number>()
  let total = 0
  for (const referrer of referrers) {
    const host = hostOf(referrer)
    if (!host) continue
    total++
    counts.set(host, (counts.get(host) ?? 0) + 1)
  }
  for (const [host, times] of counts) if (times > total / 2) return host
  return null
}

/** The campaign that the address names, else the other site that linked here; `site` null: none can be told apart. */
export function sourceOf(request: LoggedRequest, site: string | null): string | undefined {
  if (request.parameters.includes("utm_source=")) {
    const campaign = new URLSearchParams(request.parameters).get("utm_source")?.trim().toLowerCase()
    if (campaign) return campaign
  }
  const host = hostOf(request.referrer)
  if (!host || site === null || host === site || host.endsWith(`.${site}`)) return undefined
  return host
}
