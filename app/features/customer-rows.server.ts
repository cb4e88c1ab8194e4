import { CUT_ROLES, type CustomerWindow, customerCuts } from "./customer-cuts.ts"
import {
  CUSTOMER_FEATURES,
  type CustomerEvent,
  type CustomerFeatures,
  type CustomerOutcome,
  customerFeatures,
  customerOutcome,
} from "./customer-features.ts"
import { columnsOf, openRowsFile } from "./rows-file.server.ts"

type CustomerRow = CustomerFeatures &
  CustomerOutcome & {
    /** The shopper's number in the log. */
    row: number
    /** Number of the cut, in the order of customerCuts. */
    cut: number
    /** Place in CUT_ROLES. */
    role: number
    question_days: number
    as_of_ms: number
    /** Days from the cut to the end of its outcome. */
    horizon_days: number
  }

/** Those before the features are no model's input. */
const COLUMNS = [
  ...columnsOf("int32", ["row", "cut", "role", "question_days", "orders_next"]),
  ...columnsOf("float64", ["as_of_ms", "horizon_days", "spend_next_cents"]),
  ...columnsOf("float32", CUSTOMER_FEATURES),
] satisfies readonly (readonly [keyof CustomerRow, string])[]

const DAY_MS = 86_400_000

export type CustomerRows = {
  /** @param row the shopper's number; `events` is their whole log, in any order */
  add(row: number, events: readonly CustomerEvent[]): Promise<void>
  /** @returns how many rows were written */
  end(): Promise<number>
}

/** Writes customers.arrow: of each shopper who had bought by then, one row a cut. Memory stays flat. */
export function openCustomerRows(path: string, window: CustomerWindow): CustomerRows {
  const file = openRowsFile(path, COLUMNS)
  const cuts = customerCuts(window)
  function* rowsOf(row: number, events: readonly CustomerEvent[]): Generator<CustomerRow> {
    // Questions share moments (the test's), and a moment's features are the dearest part of a row.
    const featuresAt = new Map<number, CustomerFeatures | null>()
    for (const [cut, { role, questionDays, asOfMs, untilMs }] of cuts.entries()) {
      const features = featuresAt.get(asOfMs) ?? customerFeatures(events, asOfMs)
      featuresAt.set(asOfMs, features)
      if (features === null) continue
      yield {
        ...features,
        ...customerOutcome(events, asOfMs, untilMs),
        row,
        cut,
        role: CUT_ROLES.indexOf(role),
        question_days: questionDays,
        as_of_ms: asOfMs,
        horizon_days: (untilMs - asOfMs) / DAY_MS,
      }
    }
  }
  return {
    async add(row, events) {
      if (events.some((event) => event.type === "purchase")) await file.add(rowsOf(row, events))
    },
    end: () => file.end(),
  }
}
