import type { RowReason } from "../capture/row-fields.ts"
import type { ReadinessCheck } from "../surface/admin-home.ts"

/**
 * Numbers, times and names as a merchant reads them. Server and browser must write the same text, so locale and
 * time zone are fixed.
 */
const whole = new Intl.NumberFormat("en-US")
const day = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" })
const minute = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })

export const formatCount = (count: number): string => whole.format(count)
export const formatDay = (atMs: number): string => day.format(atMs)
export const formatMinute = (atMs: number): string => `${minute.format(atMs)} UTC`
export const formatShare = (part: number, of: number): string =>
  of === 0 ? "0%" : `${Math.round((part / of) * 1000) / 10}%`

/** "1 row", "2 rows" */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** A name out of the program (`bad_time`) as words, for those without better ones. */
const asWords = (name: string): string => {
  const words = name.replaceAll(/[_:]+/g, " ").trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const named = (names: Record<string, string>) => (name: string) => names[name] ?? asWords(name)

export const servedByName = named({
  model: "The model",
  item_knn: "Similar products (item-kNN)",
  popularity: "Most popular products",
  default: "The product's default slate",
})

export const fallbackReason = named({
  scorer_down: "The scorer was not running",
  loading: "The model was still loading",
  timeout: "The model took too long",
  overloaded: "Too many requests at once",
  score_failed: "The model failed on a request",
  model_refused: "The model did not pass its checks",
  no_model: "No model is live yet",
})

export const baselineName = named({
  popularity: "Popularity",
  recent_popularity: "Popularity of late",
  own_history: "The shopper's own history",
  item_knn: "Item-kNN",
  transformer_alone: "The transformer alone",
})

/** `R@10` → "Recall@10" */
export const metricName = (name: string): string => name.replace(/^R@/, "Recall@")

/** What a metric of a ranking says, for those who do not know its name. */
export const metricMeaning: Record<string, string> = {
  "R@10": "how often the next product was among the first ten",
  "NDCG@10": "the same, and the higher up the better",
}

export const asideReason = named({
  bad_json: "Not valid JSON",
  bad_csv: "Not valid CSV",
  wrong_column_count: "Another number of columns than the header",
  line_too_long: "A line that is too long",
  broken_utf8: "Broken UTF-8",
  nul_byte: "A NUL byte",
  bad_field: "A field that cannot be read",
  field_too_long: "A field that is too long",
  no_shopper: "No shopper",
  unknown_type: "Unknown event type",
  no_time: "No time",
  bad_time: "A time that cannot be read",
  future_time: "A time in the future",
  time_too_early: "A time too long ago",
  bad_price: "A price that cannot be read",
  negative_price: "Negative price",
  bad_currency: "Unknown currency",
  bad_quantity: "A quantity that cannot be read",
  no_item: "No product",
  no_title: "No title",
  bad_available: "Availability that cannot be read",
} satisfies Record<RowReason, string>)

export const readinessText: Record<ReadinessCheck["name"], { label: string; short: string }> = {
  recent_events: { label: "10,000 events in the last 30 days", short: "events" },
  buyers: { label: "500 shoppers who bought", short: "buyers" },
  history_days: { label: "180 days of history", short: "days" },
  recent_orders: { label: "An order in the last 30 days", short: "orders" },
  repeat_buyers: { label: "A shopper with three orders or more", short: "shoppers" },
}
