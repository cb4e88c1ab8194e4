import { join } from "node:path"
import { catalogueOf } from "./catalogue.ts"
import { openCustomerRows } from "./customer-rows.server.ts"
import { writeItems } from "./item-rows.server.ts"
import type { PlainLog } from "./plain-log.ts"
import { writeSequences } from "./sequence-rows.server.ts"
import type { TimeCuts } from "./time-cuts.ts"
import { type MomentOrder, type TrainingRow, trainingRow } from "./training-row.ts"
import { openVisitRows } from "./visit-rows.server.ts"

/**
 * Writes sequences.arrow (a row a shopper, in the order of their first line) and items.arrow of a log in memory.
 * @param endMs the log covers the time before it
 */
export async function writeLogRows(
  folder: string,
  log: PlainLog,
  { endMs, momentOrder }: { endMs: number; momentOrder: MomentOrder },
  onProgress: (shoppersDone: number) => void,
): Promise<void> {
  const catalogue = catalogueOf(log.items)
  async function* rows(): AsyncGenerator<TrainingRow> {
    for (const [index, events] of log.shoppers.entries()) {
      yield trainingRow(events, catalogue, endMs - 1, momentOrder)
      onProgress(index + 1)
    }
  }
  await writeItems(join(folder, "items.arrow"), log.items, catalogue.priceEdges)
  await writeSequences(join(folder, "sequences.arrow"), rows())
}

/** Writes customers.arrow: of each shopper who had bought by then, one row a cut (app/features/customer-cuts.ts). */
export async function writeLogCustomers(
  folder: string,
  log: PlainLog,
  cuts: TimeCuts,
  onProgress: (shoppersDone: number) => void,
): Promise<void> {
  const rows = openCustomerRows(join(folder, "customers.arrow"), { ...cuts, endMs: cuts.endMs - 1 })
  for (const [index, events] of log.shoppers.entries()) {
    await rows.add(index, events)
    onProgress(index + 1)
  }
  await rows.end()
}

/** Writes visits.arrow: a row after each event of each visit (app/features/visit-rows.ts). */
export async function writeLogVisits(
  folder: string,
  log: PlainLog,
  { validationMs, testMs, endMs }: TimeCuts,
  onProgress: (shoppersDone: number) => void,
): Promise<void> {
  const rows = openVisitRows(join(folder, "visits.arrow"), { validationMs, testMs, logEndMs: endMs - 1 })
  for (const [index, events] of log.shoppers.entries()) {
    await rows.add(index, events)
    onProgress(index + 1)
  }
  await rows.end()
}
