/**
 * The demo shop's files, generated once into the state folder. The generator's clock stands still, so that the shop
 * is the same for everybody; here its events are moved by whole weeks to end now, which leaves every gap, weekday and
 * hour of the day as it was.
 */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeDemoShop } from "../../../tests/support/demo-shop/files.ts"
import { DEFAULT_END_MS, generateDemoShop } from "../../../tests/support/demo-shop/generate.ts"
import { startProgress } from "../progress.ts"

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

export type DemoFiles = { folder: string; events: string; items: string }

/** Writes events.jsonl, items.csv and images/ into `home`/demo-shop, unless this generator has done so this week. */
export async function writeDemoFiles(home: string, nowMs: number): Promise<DemoFiles> {
  const folder = join(home, "demo-shop")
  const files = { folder, events: join(folder, "events.jsonl"), items: join(folder, "items.csv") }
  const shiftMs = Math.floor((nowMs - DEFAULT_END_MS) / WEEK_MS) * WEEK_MS
  const stamp = `${generatorFingerprint()} ${shiftMs}`
  const stampFile = join(folder, "made-by")
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return files

  const progress = startProgress("Generating the demo shop")
  rmSync(folder, { recursive: true, force: true })
  const shop = generateDemoShop({ onProgress: (done, total) => progress.update(done, total, "people") })
  // A delivery and its duplicate are the same object, so events are copied, not changed.
  const events = shop.events.map((event) => ({ ...event, atMs: event.atMs + shiftMs }))
  await writeDemoShop({ ...shop, events }, folder, {
    onProgress: (part, done, total) => progress.update(done, total, part),
  })
  writeFileSync(stampFile, stamp)
  progress.end(
    `${shop.products.length} products, ${shop.truth.counts.people.toLocaleString("en")} people, ${shop.events.length.toLocaleString("en")} lines`,
  )
  return files
}

/** Changes with any source of the generator. */
function generatorFingerprint(): string {
  const folder = join(import.meta.dirname, "..", "..", "..", "tests", "support", "demo-shop")
  const hash = createHash("sha256")
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort())
    if (name.endsWith(".ts") && !name.endsWith(".test.ts"))
      hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest("hex")
}
