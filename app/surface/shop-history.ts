import type { RecordKind } from "../capture/shopify/record.ts"
import type { HistoryKind } from "../shop/request-history.server.ts"

/** What the admin says of reading a shop's past, and of comparing the shop with what is held since. */
export type ShopHistory = {
  /** In the order in which they are read. */
  parts: HistoryPart[]
  comparison: Comparison
}

export type HistoryPart = {
  kind: HistoryKind
  state: PartState
  rowsRead: number
  /** Null until Shopify has said how many there are; while it gathers them, how many it has so far. */
  rowsExpected: number | null
  /** Rows that could not be read. */
  rowsAside: number
  message: string | null
  startedAtMs: number
  finishedAtMs: number | null
}

/** One part is at work at a time: Shopify is asked for it, gathers it, and then it is read. The others wait. */
export type PartState = "waiting" | "asking" | "gathering" | "reading" | "done" | "failed"

export type Comparison = {
  state:
    | "idle"
    /** The job is due, and has not made its run yet. */
    | "asked"
    | "running"
    /** It was cut off, and goes on at `nextAtMs`. */
    | "paused"
    /** The latest run stopped for good. */
    | "failed"
  message: string | null
  nextAtMs: number | null
  /** Kinds that the run in progress has compared; none where nothing runs. */
  soFar: KindCompared[]
  /** The latest that came to its end. */
  last: { finishedAtMs: number; kinds: KindCompared[] } | null
}

/** Of one kind of record: how many the shop has, and how many of ours lacked, were old, or should be no more. */
export type KindCompared = { kind: RecordKind; checked: number; missing: number; stale: number; gone: number }

export type RunRow = Omit<HistoryPart, "state"> & {
  state: "running" | "done" | "failed"
  /** Shopify has been asked for it. */
  begun: boolean
}

/** @param rows the latest of each kind, in the order in which they are read */
export function historyParts(rows: readonly RunRow[]): HistoryPart[] {
  const atWork = rows.find(({ state }) => state === "running")
  // All orders are the recent ones too.
  const hasAll = rows.some(({ kind }) => kind === "history_all_orders")
  return rows
    .filter(({ kind, state }) => !(hasAll && kind === "history_orders" && state !== "running"))
    .map(({ begun, ...row }) => ({ ...row, state: partState({ ...row, begun }, row.kind === atWork?.kind) }))
}

function partState(row: RunRow, isAtWork: boolean): PartState {
  switch (row.state) {
    case "done":
    case "failed":
      return row.state
    case "running":
      if (!isAtWork) return "waiting"
      if (!row.begun) return "asking"
      return row.rowsRead > 0 ? "reading" : "gathering"
    default:
      return row.state satisfies never
  }
}

export const isAtWork = ({ state }: HistoryPart): boolean =>
  state === "asking" || state === "gathering" || state === "reading"

export const historyRuns = (history: ShopHistory): boolean => history.parts.some(isAtWork)

/** Whether the page has something to follow. */
export const isMoving = (history: ShopHistory): boolean =>
  historyRuns(history) || history.comparison.state === "asked" || history.comparison.state === "running"
