import type { KindId } from "../catalogue/kinds.ts"
import { makeRandom } from "../random.ts"

/** When people come: weekday, season, the shop's own campaigns, and days that are good or bad for no reason. */
export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000

// Sunday first. Home shops sell on Sunday evening and Monday; Saturday is quiet.
const WEEKDAY = [1.18, 1.12, 1.02, 1, 0.97, 0.88, 0.83]
// January … December: gifts lift November and December, gardens May, holidays empty August.
const MONTH = [0.98, 0.92, 0.97, 1.0, 1.05, 0.97, 0.92, 0.84, 0.98, 1.04, 1.22, 1.32]

/** Share of a day's visits that starts in each hour: low at night, a lunch shoulder, an evening peak. */
export const HOURS = [
  0.9, 0.4, 0.2, 0.15, 0.15, 0.3, 1, 2.2, 3.4, 4.4, 5, 5.2, 5.6, 5.2, 4.8, 4.6, 4.8, 5.2, 6, 7.4, 8.6, 8.4, 6,
  2.8,
]

/** How much each month wants a kind, relative to the year; kinds not named are wanted alike all year. */
const SEASONAL: Partial<Record<KindId, readonly number[]>> = {
  throw: [1.5, 1.3, 1, 0.8, 0.6, 0.5, 0.5, 0.6, 1, 1.4, 1.6, 1.5],
  "jar-candle": [1.1, 1.1, 0.9, 0.8, 0.7, 0.7, 0.7, 0.8, 1.1, 1.3, 1.6, 1.8],
  "dinner-candles": [0.9, 1.1, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 1, 1.1, 1.4, 1.9],
  card: [0.7, 1.4, 1.3, 0.9, 0.9, 1, 0.9, 0.9, 0.9, 0.9, 1.3, 1.9],
  plant: [0.9, 0.9, 1.2, 1.5, 1.6, 1.3, 1, 0.9, 1, 0.9, 0.7, 0.6],
  pot: [0.8, 0.9, 1.3, 1.6, 1.7, 1.3, 1, 0.9, 0.9, 0.8, 0.6, 0.5],
  "watering-can": [0.6, 0.8, 1.3, 1.7, 1.9, 1.6, 1.2, 1, 0.8, 0.6, 0.5, 0.5],
  tea: [1.3, 1.2, 1.1, 1, 0.8, 0.7, 0.7, 0.8, 1, 1.1, 1.2, 1.2],
  tote: [0.7, 0.8, 1, 1.1, 1.3, 1.4, 1.3, 1.1, 1, 0.8, 0.8, 0.8],
  notebook: [1.4, 1, 0.9, 0.9, 0.9, 0.9, 0.9, 1.3, 1.4, 1, 1, 1.1],
}

export type Campaign = {
  source: string
  fromMs: number
  toMs: number
  kinds: readonly KindId[]
  lift: number
  sale: boolean
}

export type Calendar = {
  startMs: number
  days: number
  /** Visits on each day relative to an ordinary one. */
  intensity: Float64Array
  campaigns: readonly Campaign[]
}

const THEMES: readonly { source: string; kinds: readonly KindId[] }[] = [
  { source: "email:new-ceramics", kinds: ["mug", "bowl", "plate", "vase"] },
  { source: "email:slow-evenings", kinds: ["jar-candle", "throw", "cushion", "bath-salts"] },
  { source: "email:pantry", kinds: ["tea", "coffee", "teapot", "storage-jar"] },
  { source: "email:green-rooms", kinds: ["plant", "pot", "watering-can", "basket"] },
  { source: "email:soft-light", kinds: ["table-lamp", "pendant", "mirror", "rug"] },
  { source: "email:desk", kinds: ["notebook", "pencils", "card", "print"] },
]

function campaignsOf(seed: number, startMs: number, days: number): Campaign[] {
  const random = makeRandom(`campaigns|${seed}`)
  const campaigns: Campaign[] = []
  for (let day = random.integer(4); day < days; day += 6 + random.integer(4)) {
    const theme = random.pick(THEMES)
    const fromMs = startMs + day * DAY_MS
    campaigns.push({
      source: theme.source,
      fromMs,
      toMs: fromMs + 2.5 * DAY_MS,
      kinds: theme.kinds,
      lift: random.between(0.06, 0.22),
      sale: false,
    })
  }
  for (const at of [0.22, 0.66]) {
    const fromMs = startMs + Math.floor(days * at) * DAY_MS
    campaigns.push({
      source: "ad:sale",
      fromMs,
      toMs: fromMs + 6 * DAY_MS,
      kinds: ["cushion", "throw", "rug", "towel", "mug", "bowl", "table-lamp"],
      lift: 0.4,
      sale: true,
    })
  }
  return campaigns
}

export function makeCalendar(seed: number, startMs: number, days: number): Calendar {
  const random = makeRandom(`calendar|${seed}`)
  const campaigns = campaignsOf(seed, startMs, days)
  const intensity = new Float64Array(days)
  let mood = 0
  for (let day = 0; day < days; day++) {
    const atMs = startMs + day * DAY_MS
    const date = new Date(atMs)
    mood = 0.7 * mood + 0.07 * random.normal()
    const lift = campaigns.reduce(
      (sum, campaign) =>
        sum + (atMs >= campaign.fromMs - DAY_MS / 2 && atMs < campaign.toMs ? campaign.lift : 0),
      0,
    )
    intensity[day] =
      (WEEKDAY[date.getUTCDay()] ?? 1) * (MONTH[date.getUTCMonth()] ?? 1) * (1 + lift) * Math.exp(mood)
  }
  return { startMs, days, intensity, campaigns }
}

export function seasonOfKind(kind: KindId, atMs: number): number {
  return SEASONAL[kind]?.[new Date(atMs).getUTCMonth()] ?? 1
}

export function campaignAt(calendar: Calendar, atMs: number): Campaign | undefined {
  return calendar.campaigns.find((campaign) => atMs >= campaign.fromMs && atMs < campaign.toMs)
}
