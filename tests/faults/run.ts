/**
 * `npm run faults -- [--only 1,2,5] [--long] [--seed N] [--count N] [--json FILE] [--table]`: breaks things on purpose
 * and compares what clients were told with what became of it. Small by default; `--long` injects as often as the
 * programme of faults says, `--count` as often as given. `--table` prints each route under each attack. Ends with 1
 * when an invariant is broken or a recovery is late. `--only shop-day [--orders N] [--minutes N]` is a long run of
 * another kind: install, history, traffic, reconciliation (shop-day.ts). It uses a PostgreSQL and a Redis of its own, and removes both.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { makeRandom } from "../support/demo-shop/random.ts"
import { type Bed, openBed } from "./bed.ts"
import { type Fault, holds, inTime, newOutcome, type Outcome } from "./fault.ts"
import { judged, table } from "./table.ts"

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    long: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    count: { type: "string" },
    json: { type: "string" },
    table: { type: "boolean", default: false },
    orders: { type: "string", default: "500" },
    minutes: { type: "string", default: "0.4" },
  },
})
const startedMs = performance.now()
const say = (text: string) =>
  process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`)

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  process.stderr.write(`--${name} takes a whole number, got “${value}”.\n`)
  process.exit(2)
}
const longRun = options.only === "shop-day"
const seed = wholeNumber("seed", options.seed)
const count = options.count === undefined ? undefined : wholeNumber("count", options.count)
const only = longRun ? [] : options.only?.split(",").map((value) => wholeNumber("only", value))

say("starting a PostgreSQL of this run's own")
const bed = await openBed()
let closing: Promise<void> | undefined
const close = () => {
  closing ??= bed.close()
  return closing
}
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (closing) process.exit(130)
    say("stopping what this run started")
    void close().finally(() => process.exit(130))
  })

if (longRun) {
  const { shopDay } = await import("./shop-day.ts")
  const orders = wholeNumber("orders", options.orders)
  const minutes = Number(options.minutes) || 0.4
  const day = await shopDay(bed, { orders, minutes, seed: String(seed), perSecond: 4, say }).catch(
    (error: Error) => ({ text: String(error.stack), equal: false }),
  )
  await close()
  console.info(`\nseed ${seed}, ${orders} orders, ${minutes} min\n\n${day.text}`)
  process.exit(day.equal ? 0 : 1)
}

// After the environment is set: the checkers' code reads it when it is loaded.
const { FAULTS } = await import("./programme.ts")
const chosen = FAULTS.filter((fault) => only === undefined || only.includes(fault.number))
const unknown = only?.filter((number) => !FAULTS.some((fault) => fault.number === number)) ?? []
if (unknown.length > 0) say(`no such fault: ${unknown.join(", ")}`)

const outcomes: Outcome[] = []
for (const fault of chosen) outcomes.push(...(await inject(fault, bed)))
await close()

console.info(
  `\nseed ${seed}${options.long ? ", long" : ""}, ${Math.round((performance.now() - startedMs) / 1_000)} s\n`,
)
console.info(table(outcomes))
if (options.json)
  writeFileSync(options.json, `${JSON.stringify({ seed, outcomes: outcomes.map(judged) }, null, 2)}\n`)
process.exit(unknown.length === 0 && outcomes.every((outcome) => holds(outcome) && inTime(outcome)) ? 0 : 1)

async function inject(fault: Fault, on: Bed): Promise<Outcome[]> {
  const times = count ?? (options.long ? fault.counts.long : fault.counts.small)
  say(`${fault.number} ${fault.name}: ${fault.invariant} (${times})`)
  try {
    const came = await fault.run(on, {
      count: times,
      random: makeRandom(`faults ${seed} ${fault.number}`),
      say: (text) => say(`  ${text}`),
      table: options.table ? (text) => console.info(text) : undefined,
    })
    // A broken invariant is only half the news.
    const complaints = on.complaints()
    if (!came.every((one) => holds(one) && inTime(one)))
      for (const complaint of complaints.slice(0, 10)) say(`  ${complaint}`)
    return came
  } catch (error) {
    if (closing) await new Promise(() => undefined) // Ctrl+C took away what it stood on.
    const broken = newOutcome(fault.number, fault.name, "injections")
    return [{ ...broken, wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }]
  } finally {
    if (!closing) await on.clear()
  }
}
