import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeLogCustomers, writeLogRows, writeLogVisits } from "../../features/log-rows.server.ts"
import { timesOf } from "../../features/plain-log.ts"
import { readPlainLog } from "../../features/read-plain-log.server.ts"
import { type EvaluationTarget, type TimeCuts, timeCuts } from "../../features/time-cuts.ts"
import { startProgress } from "../progress.ts"
import { type LogFacts, logFacts } from "./log-facts.ts"
import { logReadiness } from "./log-readiness.ts"
import type { EvaluateOptions } from "./options.ts"
import { count, type Finding } from "./readiness.ts"

type LogOptions = Extract<EvaluateOptions, { kind: "log" }>

/**
 * Reads the log, judges it, and writes its rows into the work folder.
 * @param report is told the findings before anything is refused or written
 * @throws AppError `bad_file`, `bad_request` for a cut outside the log
 */
export async function prepareLog(
  options: LogOptions,
  work: string,
  nowMs: number,
  report: (findings: readonly Finding[]) => void,
): Promise<void> {
  const { target, split } = options
  const reading = startProgress("Reading the log")
  const read = await readPlainLog(
    { path: options.events, asideFile: join(work, "events.aside.jsonl") },
    options.items === null ? null : { path: options.items, asideFile: join(work, "items.aside.jsonl") },
    nowMs,
    (share, rows) => reading.update(share, 1, `${count(rows)} rows`),
  )
  const times = timesOf(read.log)
  reading.end(`${count(times.length)} events`)
  const hasMoments = times.length > 0 && times[0] !== times.at(-1)
  const cuts = split === "time" && hasMoments ? timeCuts(target, times, options.cutMs) : null
  const facts = logFacts(read.log, cuts)
  report(logReadiness(facts, read, { target, split }))

  const writing = startProgress("Rows for the models")
  const { length: shoppers } = read.log.shoppers
  const onProgress = (done: number) => writing.update(done, shoppers)
  const endMs = facts.endMs + 1
  const momentOrder = split === "leave-one-out" ? "given" : "reading"
  if (needsEvents(target)) await writeLogRows(work, read.log, { endMs, momentOrder }, onProgress)
  if (cuts !== null && target === "purchase") await writeLogVisits(work, read.log, cuts, onProgress)
  if (cuts !== null && !needsEvents(target)) await writeLogCustomers(work, read.log, cuts, onProgress)
  const named = { target, split, ...factsForModels(facts, cuts) }
  writeFileSync(join(work, "evaluation.json"), JSON.stringify({ ...named, has_orders: hasOrders(read.log) }))
  writing.end()
}

/** Customers are judged by their purchases: their rows hold all that is needed. */
function needsEvents(target: EvaluationTarget): boolean {
  return target !== "return" && target !== "spend"
}

function factsForModels(facts: LogFacts, cuts: TimeCuts | null) {
  const moments =
    cuts === null
      ? { start_ms: facts.startMs, end_ms: facts.endMs + 1 }
      : {
          start_ms: cuts.startMs,
          validation_ms: cuts.validationMs,
          test_ms: cuts.testMs,
          end_ms: cuts.endMs,
        }
  return {
    ...moments,
    by_the_day: facts.byTheDay,
    events: facts.events,
    shoppers: facts.shoppers,
    items: facts.items,
  }
}

function hasOrders(log: { shoppers: readonly (readonly { orderRef: string | null }[])[] }): boolean {
  return log.shoppers.some((events) => events.some(({ orderRef }) => orderRef !== null))
}
