import { type CatalogueItem, catalogueOf } from "./catalogue.ts"
import { type FeatureEvent, HISTORY_COLUMNS, type HistoryInputs, historyInputs } from "./history-inputs.ts"
import { itemInputs } from "./item-inputs.ts"
import type { StaticTextEncoder } from "./text-encoder.ts"

/**
 * Made-up products and histories, each with a moment. Their inputs, computed here, go into a model's golden.json
 * beside what the model made of them: recomputed by a later program they must come out the same.
 */
const START_MS = Date.UTC(2026, 0, 5, 9, 0, 0)
const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS

const ITEMS: Omit<CatalogueItem, "productId" | "available" | "externalId">[] = [
  {
    title: "Chalk Floral Stoneware Mug",
    description: "Holds 350 ml and stacks neatly.",
    category: "Mugs & Cups",
    brand: "Larkfield",
    priceCents: 1650,
  },
  {
    title: "CAFÉ Crème Saucer",
    description: "",
    category: "Mugs & Cups",
    brand: "larkfield",
    priceCents: 700,
  },
  {
    title: "手作り陶器マグカップ 350ml",
    description: "毎日の一杯に。",
    category: "食器",
    brand: "青山窯",
    priceCents: 3200,
  },
  { title: "羊毛围巾", description: "柔软保暖,适合秋冬。", category: "配饰", brand: "", priceCents: 5900 },
  {
    title: "Linen throw — 130 × 170 cm, oat",
    description: `${"Stone-washed linen with a long fringe. ".repeat(6)}`,
    category: "Throws",
    brand: "Hollin & Daughters",
    priceCents: 8900,
  },
  { title: "", description: "", category: "", brand: "", priceCents: null },
  {
    title: "Gift card",
    description: "Sent by e-mail.",
    category: "Gift cards",
    brand: "Larkfield",
    priceCents: 2500,
  },
]

type Step = [type: FeatureEvent["type"], atMs: number, item: number | null, rest?: Partial<FeatureEvent>]

function events(steps: readonly Step[]): FeatureEvent[] {
  return steps.map(([type, afterMs, item, rest]) => ({
    type,
    atMs: START_MS + afterMs,
    receivedMs: START_MS + afterMs,
    productId: item,
    priceCents: null,
    quantity: null,
    source: null,
    ...rest,
  }))
}

const HISTORIES: { name: string; asOfMs: number; events: FeatureEvent[] }[] = [
  { name: "nobody known yet", asOfMs: START_MS, events: [] },
  {
    name: "one product viewed",
    asOfMs: START_MS + MINUTE_MS,
    events: events([["product_view", 0, 1, { source: "search" }]]),
  },
  {
    name: "a visit up to the purchase, with a basket of one time",
    asOfMs: START_MS + DAY_MS,
    events: events([
      ["login", 0, null, { source: "email:spring" }],
      ["collection_view", 4_000, null],
      ["product_view", 9_000, 3],
      ["cart_add", 30_000, 3, { quantity: 2, priceCents: 3200 }],
      ["product_view", 95_000, 1],
      ["cart_add", 99_000, 1, { quantity: 1 }],
      ["checkout_start", 5 * MINUTE_MS, null],
      ["checkout_payment", 8 * MINUTE_MS, null],
      ["purchase", 9 * MINUTE_MS, 3, { quantity: 2, priceCents: 3200 }],
      ["purchase", 9 * MINUTE_MS, 1, { quantity: 1, priceCents: 1500 }],
    ]),
  },
  {
    name: "events received late or after the moment, an unknown product, a refund",
    asOfMs: START_MS + 2 * DAY_MS,
    events: events([
      ["product_view", 0, 2],
      ["product_view", 20 * MINUTE_MS, 4, { receivedMs: START_MS + DAY_MS }],
      ["product_view", 25 * MINUTE_MS, 99],
      ["product_view", 30 * MINUTE_MS, 5, { receivedMs: START_MS + 3 * DAY_MS }],
      ["refund", DAY_MS + MINUTE_MS, 2, { quantity: 1 }],
    ]),
  },
  {
    name: "more events than the history holds",
    asOfMs: START_MS + 90 * DAY_MS,
    events: events(
      Array.from({ length: 64 }, (_, index): Step => {
        const visit = Math.floor(index / 8)
        return ["product_view", visit * 3 * DAY_MS + (index % 8) * 50_000, 1 + (index % 7)]
      }),
    ),
  },
]

export type GoldenCases = {
  items: { item: CatalogueItem; id: number; inputs: { tokens: number[]; text: number[]; price: number } }[]
  histories: {
    name: string
    asOfMs: number
    events: FeatureEvent[]
    inputs: Record<keyof HistoryInputs, number[]>
  }[]
}

export function goldenCases(encoder: StaticTextEncoder): GoldenCases {
  const items = ITEMS.map(
    (item, index): CatalogueItem => ({
      ...item,
      productId: index + 1,
      externalId: `golden-${index + 1}`,
      available: true,
    }),
  )
  const catalogue = catalogueOf(items)
  return {
    items: items.map((item, index) => {
      // Product 4 is new to the model: placed by its text alone.
      const id = index === 3 ? 0 : index + 1
      const { tokens, text, price } = itemInputs(item, catalogue.priceEdges, id, encoder)
      return { item, id, inputs: { tokens: Array.from(tokens), text: Array.from(text), price } }
    }),
    histories: HISTORIES.map((history) => ({
      ...history,
      inputs: plain(historyInputs(history.events, catalogue, history.asOfMs)),
    })),
  }
}

function plain(inputs: HistoryInputs): Record<keyof HistoryInputs, number[]> {
  const column = (name: keyof HistoryInputs) => Array.from(inputs[name])
  return Object.fromEntries(HISTORY_COLUMNS.map((name) => [name, column(name)])) as Record<
    keyof HistoryInputs,
    number[]
  >
}
