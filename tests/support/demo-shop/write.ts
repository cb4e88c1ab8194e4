import { parseArgs } from "node:util"
import { writeDemoShop } from "./files.ts"
import { DEFAULT_END_MS, DEFAULT_SEED, DEFAULT_SHOPPERS, generateDemoShop } from "./generate.ts"

/**
 * Writes the demo shop into a folder:
 *   node tests/support/demo-shop/write.ts --out FOLDER [--seed N] [--end 2026-06-01] [--shoppers N] [--days N] [--world base|drift] [--no-images]
 */
const { values } = parseArgs({
  options: {
    out: { type: "string" },
    seed: { type: "string" },
    end: { type: "string" },
    shoppers: { type: "string" },
    days: { type: "string" },
    world: { type: "string" },
    "no-images": { type: "boolean" },
  },
})

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name}: expected a whole number, got "${text}"`)
  return value
}

function line(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[2K${text}` : `${text}\n`)
}

if (values.out === undefined) throw new Error("--out: expected the folder to write into, got nothing")
if (values.world !== undefined && values.world !== "base" && values.world !== "drift")
  throw new Error(`--world: expected base or drift, got "${values.world}"`)
const endMs = values.end === undefined ? DEFAULT_END_MS : Date.parse(values.end)
if (Number.isNaN(endMs)) throw new Error(`--end: expected a date such as 2026-06-01, got "${values.end}"`)

let shown = -1
const shop = generateDemoShop({
  seed: positive("seed", values.seed, DEFAULT_SEED),
  endMs,
  shoppers: positive("shoppers", values.shoppers, DEFAULT_SHOPPERS),
  days: positive("days", values.days, 180),
  world: values.world ?? "base",
  onProgress: (done, total) => {
    const percent = Math.floor((100 * done) / total / 10) * 10
    if (percent !== shown) line(`people ${percent} %`)
    shown = percent
  },
})
await writeDemoShop(shop, values.out, {
  images: values["no-images"] !== true,
  onProgress: (part, done, total) => {
    if (done === total) line(`${part} ${done}`)
  },
})
const { counts, nextStageTest } = shop.truth
line(
  `next stage, the last ${nextStageTest.steps} steps: entropy ${nextStageTest.entropyNats} nats, no model can do better\n`,
)
line(
  `${shop.name}: ${counts.products} products, ${counts.people} people, ${counts.visits} visits, ${counts.lines} lines in ${values.out}\n`,
)
