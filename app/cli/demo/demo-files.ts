/**
 * The demo shop's files, generated once into the state folder: the log of what people looked at, and the shop with its
 * products, customers and orders. The generator's clock stands still, so that the shop is the same for everybody; here
 * it is moved by whole weeks to end now, which leaves every gap, weekday and hour of the day as it was.
 */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeDemoShop } from "../../../tests/support/demo-shop/files.ts"
import { DEFAULT_END_MS, generateDemoShop } from "../../../tests/support/demo-shop/generate.ts"
import { numberProducts } from "../../../tests/support/demo-shop/numbered.ts"
import { addPast, browsingOf, type NamedCustomer } from "../../../tests/support/shop/demo-past.ts"
import { stateText } from "../../../tests/support/shop/keep-state.ts"
import { stockShop } from "../../../tests/support/shop/stock-shop.ts"
import { startProgress } from "../progress.ts"
import { newDemoState } from "./demo-state.ts"

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

export type DemoFiles = {
  folder: string
  events: string
  /** The shop's own state, as it is kept from run to run. */
  shop: string
  /** Whom the log names, and under which number the shop has them. */
  customers: string
}

/** Writes all of it and images/ into `home`/demo-shop, unless this generator has done so this week. */
export async function writeDemoFiles(home: string, nowMs: number): Promise<DemoFiles> {
  const folder = join(home, "demo-shop")
  const files = {
    folder,
    events: join(folder, "events.jsonl"),
    shop: join(folder, "shop.json"),
    customers: join(folder, "customers.json"),
  }
  const shiftMs = Math.floor((nowMs - DEFAULT_END_MS) / WEEK_MS) * WEEK_MS
  const stamp = `${sourcesFingerprint()} ${shiftMs}`
  const stampFile = join(folder, "made-by")
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return files

  const progress = startProgress("Generating the demo shop")
  rmSync(folder, { recursive: true, force: true })
  const made = generateDemoShop({ onProgress: (done, total) => progress.update(done, total, "people") })
  // A delivery and its duplicate are the same object, so events are copied, not changed.
  const moved = made.events.map((event) => ({ ...event, atMs: event.atMs + shiftMs }))
  const shop = numberProducts({ ...made, events: moved })
  await writeDemoShop({ ...shop, events: browsingOf(shop.events) }, folder, {
    onProgress: (part, done, total) => progress.update(done, total, part),
  })
  const state = newDemoState()
  stockShop(state, shop.products, made.truth.startMs + shiftMs)
  const customers: NamedCustomer[] = addPast(state, shop)
  writeFileSync(files.shop, stateText(state))
  writeFileSync(files.customers, JSON.stringify(customers))
  writeFileSync(stampFile, stamp)
  progress.end(
    `${shop.products.length} products, ${made.truth.counts.people.toLocaleString("en")} people, ${state.store.orders.size.toLocaleString("en")} orders, ${shop.events.length.toLocaleString("en")} lines`,
  )
  return files
}

/** Changes with any source of the generator and of the shop that its past is put into. */
function sourcesFingerprint(): string {
  const support = join(import.meta.dirname, "..", "..", "..", "tests", "support")
  const hash = createHash("sha256")
  for (const name of [
    "demo-shop",
    "shop/state",
    "shop/demo-past.ts",
    "shop/keep-state.ts",
    "shop/stock-shop.ts",
  ])
    for (const file of sourcesIn(join(support, name))) hash.update(file).update(readFileSync(file))
  return hash.digest("hex")
}

function sourcesIn(path: string): string[] {
  if (path.endsWith(".ts")) return [path]
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .map((name) => join(path, name))
}
