/**
 * The decision log, written behind: a decision waits in memory for a few milliseconds, so that many share one insert.
 * What waits is bounded: when the database does not keep up, deciding waits for it, and when the database is down,
 * deciding fails rather than show what is not on record. Fallbacks are counted by the same statement, so the count
 * and the log never differ. An exposure counts only after its decision is on disk (record-exposures.server.ts).
 */
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import type { Outcome, ServedBy } from "./decision.ts"

export type DecisionRow = {
  decisionId: string
  atMs: number
  shopperId: bigint | null
  surface: string
  placement: string
  contextProductId: number | null
  outcome: Outcome
  productIds: number[]
  scores: number[]
  /** One for each product. */
  reasons: unknown[]
  servedBy: ServedBy
  fallbackReason: string | null
  modelId: string | null
  inputsHash: Buffer | null
  latencyMs: number
}

/** Longest that a decision waits while nothing forces it out. */
const FLUSH_AFTER_MS = 25
const FLUSH_AT_ROWS = 256
/** Some seconds of a busy shop, in a few megabytes. */
const MOST_WAITING = 5_000
const RETRY_AFTER_MS = 500

let waiting = new Map<number, DecisionRow[]>()
let waitingRows = 0
let timer: NodeJS.Timeout | null = null
let writing: Promise<void> | null = null
/** Decisions taken and not yet on disk. */
const unwritten = new Set<string>()

function schedule(afterMs: number): void {
  timer ??= setTimeout(() => {
    timer = null
    flushDecisions().catch((error: unknown) => {
      log.warn({ waitingRows, error: String(error) }, "decisions are not written yet; tried again")
      schedule(RETRY_AFTER_MS)
    })
  }, afterMs)
}

/**
 * Takes a decision into the log. Returns at once while there is room.
 * @throws AppError `unavailable` when there is none and the database does not take what waits.
 */
export async function logDecision(shopId: number, row: DecisionRow): Promise<void> {
  if (waitingRows >= MOST_WAITING) {
    try {
      await flushDecisions()
    } catch (cause) {
      throw new AppError(
        "unavailable",
        `${waitingRows} decisions wait and the database does not take them. Nothing is decided until it does.`,
        { cause },
      )
    }
  }
  const rows = waiting.get(shopId)
  if (rows) rows.push(row)
  else waiting.set(shopId, [row])
  waitingRows += 1
  unwritten.add(row.decisionId)
  if (waitingRows >= FLUSH_AT_ROWS && writing === null)
    flushDecisions().catch(() => schedule(RETRY_AFTER_MS)) // the timer's own attempt logs it
  else schedule(FLUSH_AFTER_MS)
}

/** True while the decision is in this process only. */
export const isUnwritten = (decisionId: string): boolean => unwritten.has(decisionId)

/** Resolves when every decision taken so far is on disk. Rejects when the database does not take them; they stay. */
export async function flushDecisions(): Promise<void> {
  // A flush on its way may have begun before the latest decision: that one needs another.
  if (writing) await writing.catch(() => undefined)
  if (writing) return writing
  if (waitingRows === 0) return
  writing = writeAll().finally(() => {
    writing = null
    if (waitingRows > 0) schedule(FLUSH_AFTER_MS)
  })
  return writing
}

async function writeAll(): Promise<void> {
  const taken = waiting
  waiting = new Map()
  waitingRows = 0
  if (timer) clearTimeout(timer)
  timer = null
  let failure: unknown
  for (const [shopId, rows] of taken) {
    try {
      await insertDecisions(shopId, rows)
      for (const row of rows) unwritten.delete(row.decisionId)
    } catch (error) {
      failure = error
      waiting.set(shopId, [...rows, ...(waiting.get(shopId) ?? [])])
      waitingRows += rows.length
    }
  }
  if (failure !== undefined) throw failure
}

/** Idempotent: rows that a broken connection left behind after all are not written, or counted, twice. */
async function insertDecisions(shopId: number, rows: readonly DecisionRow[]): Promise<void> {
  const json = rows.map((row) => ({
    decision_id: row.decisionId,
    at: new Date(row.atMs),
    shopper_id: row.shopperId === null ? null : String(row.shopperId),
    surface: row.surface,
    placement: row.placement,
    context_product_id: row.contextProductId,
    outcome: row.outcome,
    product_ids: row.productIds,
    scores: row.scores,
    reasons: row.reasons,
    served_by: row.servedBy,
    fallback_reason: row.fallbackReason,
    model_id: row.modelId,
    inputs_hash: row.inputsHash?.toString("hex") ?? null,
    latency_ms: row.latencyMs,
  }))
  await withShopSql(shopId, (client) =>
    client.query({
      name: "insert_decisions",
      text: `WITH added AS (
         INSERT INTO decisions (shop_id, decision_id, at, shopper_id, surface, placement, context_product_id, outcome,
           product_ids, scores, reasons, served_by, fallback_reason, model_id, inputs_hash, latency_ms)
         SELECT $1, decision_id, at, shopper_id, surface, placement, context_product_id, outcome, product_ids, scores,
           reasons, served_by, fallback_reason, model_id, decode(inputs_hash, 'hex'), latency_ms
         FROM jsonb_to_recordset($2::jsonb) AS r (decision_id uuid, at timestamptz, shopper_id bigint, surface text,
           placement text, context_product_id int, outcome text, product_ids int[], scores real[], reasons jsonb,
           served_by text, fallback_reason text, model_id uuid, inputs_hash text, latency_ms real)
         ON CONFLICT DO NOTHING RETURNING at, fallback_reason
       )
       INSERT INTO counters (shop_id, name, day, count)
       SELECT $1, 'fallback:' || fallback_reason, (at AT TIME ZONE 'UTC')::date, count(*)
       FROM added WHERE fallback_reason IS NOT NULL GROUP BY 2, 3 ORDER BY 2, 3
       ON CONFLICT (shop_id, name, day) DO UPDATE SET count = counters.count + excluded.count`,
      values: [shopId, JSON.stringify(json)],
    }),
  )
}
