/** What a person did on the storefront, what was read off it, and what was shown to them. */
import { EVENT_TYPE_CODES, EVENT_TYPES } from "../capture/event.ts"
import { queryPlace } from "../capture/shopper-names.server.ts"
import { SHOPPER_FEATURES } from "../features/shopper-features.ts"
import { STAGE_NAMES } from "../journey/map-wording.ts"
import { STAGE_CODES, STAGES } from "../journey/stages.ts"
import type { Reading } from "./person-report.server.ts"
import { EVENT_WORDS, moment, money, type ReportSection } from "./person-report.ts"

export async function readPersonBehaviour(reading: Reading): Promise<ReportSection[]> {
  return [
    await events(reading),
    await visits(reading),
    await journeys(reading),
    await decisions(reading),
    await features(reading),
  ]
}

const WORDS_BY_CODE = new Map(
  EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type] as number, EVENT_WORDS[type]]),
)
const STAGE_BY_CODE = new Map(STAGES.map((stage) => [STAGE_CODES[stage] as number, STAGE_NAMES[stage]]))

async function events({ client, shopId, shopperIds, opened, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    at: Date
    shopper_id: string
    type: number
    title: string | null
    price_cents: number | null
    currency: string | null
    quantity: number | null
    order_ref: string | null
    source: string | null
    query_sealed: Buffer | null
  }>(
    `SELECT e.at, e.shopper_id, e.type, p.title, e.price_cents, e.currency, e.quantity, e.order_ref, e.source, e.query_sealed
     FROM events e LEFT JOIN products p ON p.shop_id = $1 AND p.product_id = e.product_id
     WHERE e.shop_id = $1 AND e.shopper_id = ANY ($2::bigint[]) ORDER BY e.at, e.type, e.event_key`,
    [shopId, shopperIds],
  )
  return {
    title: "What you did in the shop",
    origin:
      "Your browser, where you consented to being recognised; the shop's orders; event files that the shop imported.",
    kept: `${kept("browsing")}; what you bought, ${kept("orders")}`,
    columns: ["When", "What", "Product", "Searched for", "Quantity", "Price each", "Order", "Came by"],
    rows: rows.map((row) => [
      moment(row.at),
      WORDS_BY_CODE.get(row.type) ?? `Type ${row.type}`,
      row.title,
      opened(row.shopper_id, row.query_sealed, queryPlace(shopId, BigInt(row.shopper_id))),
      row.quantity,
      money(row.price_cents, row.currency),
      row.order_ref,
      row.source,
    ]),
  }
}

async function visits({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    started_at: Date
    ended_at: Date
    channel: string
    events: number
    furthest_stage: number
    orders: number
    lifecycle: string | null
  }>(
    `SELECT started_at, ended_at, channel, events, furthest_stage, orders, lifecycle FROM sessions
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY started_at`,
    [shopId, shopperIds],
  )
  return {
    title: "Your visits",
    origin: "Counted from what you did: events without a gap of 30 minutes.",
    kept: kept("browsing"),
    columns: ["Began", "Ended", "Came by", "Steps", "Got as far as", "Orders", "Standing"],
    rows: rows.map((row) => [
      moment(row.started_at),
      moment(row.ended_at),
      row.channel,
      row.events,
      STAGE_BY_CODE.get(row.furthest_stage) ?? null,
      row.orders,
      row.lifecycle,
    ]),
  }
}

async function journeys({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    started_at: Date
    ended_at: Date
    sessions: number
    furthest_stage: number
    outcome: string
    revenue_cents: string
  }>(
    `SELECT started_at, ended_at, sessions, furthest_stage, outcome, revenue_cents FROM journeys
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY started_at`,
    [shopId, shopperIds],
  )
  return {
    title: "Your journeys",
    origin: "Counted from your visits: from the first after a purchase to the next purchase, or to silence.",
    kept: kept("browsing"),
    columns: ["Began", "Ended", "Visits", "Got as far as", "Outcome", "Spent"],
    rows: rows.map((row) => [
      moment(row.started_at),
      moment(row.ended_at),
      row.sessions,
      STAGE_BY_CODE.get(row.furthest_stage) ?? null,
      row.outcome,
      money(Number(row.revenue_cents), null),
    ]),
  }
}

type ReasonRow = { kind?: string; title?: string }

/** Why a product was shown, in words; it says what the decision itself has on record. */
function reasonWords({ kind, title }: ReasonRow): string {
  switch (kind) {
    case "viewed":
      return `because you looked at ${title}`
    case "carted":
      return `because you put ${title} into the cart`
    case "purchased":
      return `because you bought ${title}`
    case "similar":
      return `because it goes with ${title}`
    case "pinned":
      return "because the shop put it there"
    default:
      return "because many people like it"
  }
}

async function decisions({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    at: Date
    surface: string
    outcome: string
    served_by: string
    titles: (string | null)[] | null
    reasons: ReasonRow[]
    looked_at: string[] | null
  }>(
    `SELECT d.at, d.surface, d.outcome, d.served_by, d.reasons,
       (SELECT array_agg(p.title ORDER BY s.place) FROM unnest(d.product_ids) WITH ORDINALITY AS s (product_id, place)
        LEFT JOIN products p ON p.shop_id = $1 AND p.product_id = s.product_id) AS titles,
       (SELECT array_agg(DISTINCT x.kind) FROM exposures x WHERE x.shop_id = $1 AND x.decision_id = d.decision_id) AS looked_at
     FROM decisions d WHERE d.shop_id = $1 AND d.shopper_id = ANY ($2::bigint[]) ORDER BY d.at, d.decision_id`,
    [shopId, shopperIds],
  )
  const outcomes: Record<string, string> = {
    shown: "shown",
    withheld: "withheld, to compare with",
    nothing: "nothing to show",
  }
  return {
    title: "What was recommended to you, and why",
    origin: "Decided by the app from what you did. Nothing of legal effect, and no price, depends on it.",
    kept: kept("decisions"),
    columns: ["When", "Where", "Outcome", "Products and reasons", "Decided by", "Seen or clicked"],
    rows: rows.map((row) => [
      moment(row.at),
      row.surface,
      outcomes[row.outcome] ?? row.outcome,
      (row.titles ?? [])
        .map(
          (title, index) => `${title ?? "a product that is gone"}, ${reasonWords(row.reasons[index] ?? {})}`,
        )
        .join("; "),
      row.served_by,
      (row.looked_at ?? []).join(", "),
    ]),
  }
}

async function features({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{ as_of: Date; values: number[] }>(
    "SELECT as_of, values FROM shopper_features WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
    [shopId, shopperIds],
  )
  return {
    title: "What the model sees of you",
    origin: "Computed daily from what you did.",
    kept: kept("customers"),
    columns: ["As of", "Figure", "Value"],
    rows: rows.flatMap((row) =>
      SHOPPER_FEATURES.map((name, index) => [
        moment(row.as_of),
        name.replaceAll("_", " "),
        row.values[index] ?? null,
      ]),
    ),
  }
}
