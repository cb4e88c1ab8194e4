/**
 * The long run: a shop with a past is installed into, its history is imported, it trades while webhooks come twice,
 * late or never and the app is started anew in between, and what was missed is found by reconciliation. In the end the
 * app's tables say what the shop says. `npm run faults -- --only shop-day [--orders N] [--minutes N] [--seed N]`
 */
import { setTimeout as wait } from "node:timers/promises"
import { installApp } from "../../app/cli/demo/install-app.ts"
import { freePort } from "../../app/cli/embedded-postgres.ts"
import { makeRandom } from "../support/demo-shop/random.ts"
import { type SimulatedShop, startSimulatedShop } from "../support/shop/start-shop.ts"
import { CALM } from "../support/shop/webhooks/sender-knobs.ts"
import type { Bed, BedShop, Running } from "./bed.ts"
import { appTables } from "./shop-day/app-tables.ts"
import { customerSecrets } from "./shop-day/customer-secrets.ts"
import { type Difference, differences, differenceTable, isEqual } from "./shop-day/differences.ts"
import { act } from "./shop-day/shop-actions.ts"
import { shopTruth } from "./shop-day/shop-truth.ts"
import { makeStockedShop } from "./shop-day/stocked-shop.ts"
import { type Waiting, waitForHistory, waitForInbox, waitForReconcile } from "./shop-day/waiting.ts"

export type ShopDayOptions = {
  orders: number
  minutes: number
  seed: string
  /** Actions a second; each tells the app several messages. */
  perSecond: number
  say: (text: string) => void
}

const SHARES = { duplicateShare: 0.2, lateShare: 0.1, lossShare: 0.05 }

/** A run of less than this many minutes has its late messages and retries come so much sooner. */
const UNHURRIED_MINUTES = 20

/** @returns the table, and whether nothing differs */
export async function shopDay(bed: Bed, options: ShopDayOptions): Promise<{ text: string; equal: boolean }> {
  const { say, seed, minutes } = options
  const random = makeRandom(`shop day ${seed}`)
  const shop = await bed.newShop("shop-day")
  const state = makeStockedShop({
    domain: shop.domain,
    apiKey: bed.apiKey,
    apiSecret: bed.secret,
    orders: options.orders,
    random,
  })
  say(
    `a shop of ${state.store.orders.size} orders, ${state.store.customers.size} customers, ${state.store.products.size} products`,
  )
  const port = await freePort()
  const appUrl = `http://127.0.0.1:${port}`
  const simulated = await startSimulatedShop({
    appUrl,
    apiKey: bed.apiKey,
    apiSecret: bed.secret,
    shopDomain: shop.domain,
    state,
    installed: false,
    webhooks: { ...CALM, seed: random.integer(1e9), concurrency: 16 },
  })
  const app = await startApp(bed, simulated, port)
  try {
    const waiting: Waiting = { pool: bed.pool, shopId: shop.shopId, say }
    const report: string[] = []
    const installedMs = performance.now()
    await installApp(simulated)
    await waitForHistory(waiting)
    report.push(`install and history: ${seconds(installedMs)} s`)
    say(report.at(-1) ?? "")
    await compareAnd(report, "after the history import", bed, shop, simulated)

    const knobs = { ...SHARES, shuffle: true, lateMs: (UNHURRIED_MINUTES / 2) * 60_000 }
    Object.assign(simulated.webhooks?.knobs ?? {}, knobs, {
      speed: Math.max(1, UNHURRIED_MINUTES / minutes),
    })
    const actions = await trade(simulated, app, { ...options, random })
    say("the last late messages")
    await simulated.webhooks?.settled()
    await waitForInbox(waiting)
    const total = simulated.webhooks?.counts().total
    report.push(
      `traffic: ${actions} actions in ${minutes} min, one restart of the app: ${JSON.stringify(total)}`,
    )
    const missed = await compareAnd(report, "before the reconciliation", bed, shop, simulated)

    const reconcileMs = performance.now()
    report.push(`reconciliation: ${await waitForReconcile(waiting)}, ${seconds(reconcileMs)} s`)
    const left = await compareAnd(report, "after the reconciliation", bed, shop, simulated)
    report.push(`a second reconciliation: ${await waitForReconcile(waiting)}`)
    report.push(await basketCounts(bed, shop, simulated))
    const topics = [...(simulated.webhooks?.counts().byTopic ?? [])]
      .map(
        ([topic, { sent, acknowledged, lost }]) =>
          `  ${topic}: ${sent} sent, ${acknowledged} taken, ${lost} lost`,
      )
      .sort()
    return {
      text: [
        ...report,
        "",
        "webhooks by topic",
        ...topics,
        "",
        "before the reconciliation",
        differenceTable(missed),
        "",
        "after the reconciliation",
        differenceTable(left),
      ].join("\n"),
      equal: isEqual(left),
    }
  } finally {
    await simulated.close()
  }
}

type App = { restart(): Promise<void> }

async function startApp(bed: Bed, simulated: SimulatedShop, port: number): Promise<App> {
  const variables = {
    NODE_ENV: "test",
    PORT: String(port),
    SHOPIFY_APP_URL: `http://127.0.0.1:${port}`,
    SIMULATED_SHOP_URL: simulated.url,
    // What comes late is old by the clock of a delivery, not of the machine.
    DRAIN_SECONDS: "10",
  }
  const start = () => Promise.all([bed.startWeb(variables), bed.startWorker(variables)])
  let running: Running[] = await start()
  return {
    restart: async () => {
      await Promise.all(running.map((one) => one.stop()))
      running = await start()
    },
  }
}

async function trade(
  simulated: SimulatedShop,
  app: App,
  options: ShopDayOptions & { random: ReturnType<typeof makeRandom> },
): Promise<number> {
  const { minutes, perSecond, random, say } = options
  const startedMs = performance.now()
  const lastsMs = minutes * 60_000
  let actions = 0
  let restarted: Promise<void> | undefined
  let saidMs = startedMs
  for (let now = startedMs; now < startedMs + lastsMs; now = performance.now()) {
    act(simulated.state, random)
    actions++
    if (restarted === undefined && now > startedMs + lastsMs / 2) {
      say("the app is started anew")
      restarted = app.restart()
    }
    if (now > saidMs + 60_000) {
      saidMs = now
      say(
        `${Math.round((now - startedMs) / 60_000)} min, ${actions} actions, ${simulated.webhooks?.underWay()} under way`,
      )
    }
    await wait(random.exponential(1_000 / perSecond))
  }
  await restarted
  return actions
}

async function compareAnd(
  report: string[],
  when: string,
  bed: Bed,
  { shopId }: BedShop,
  { state }: SimulatedShop,
): Promise<Difference[]> {
  const secrets = await customerSecrets(bed.pool, shopId)
  const found = differences(
    shopTruth(state),
    await appTables(bed.pool, shopId, state.store.customers.values(), secrets),
  )
  const wrong = found.filter(({ missing, extra, different }) => missing + extra + different > 0)
  report.push(
    `${when}: ${wrong.length === 0 ? "equal" : wrong.map(({ kind, missing, extra, different }) => `${kind} ${missing + extra + different}`).join(", ")}`,
  )
  return found
}

/** No export of the shop names carts, nor checkouts that were paid: what of them was lost stays lost. */
async function basketCounts(bed: Bed, { shopId }: BedShop, { state }: SimulatedShop): Promise<string> {
  const { rows } = await bed.pool.query<{ kind: string; count: number }>(
    `SELECT kind, count(*)::int AS count FROM shop_records
     WHERE shop_id = $1 AND kind IN ('cart', 'checkout') GROUP BY kind`,
    [shopId],
  )
  const held = new Map(rows.map(({ kind, count }) => [kind, count]))
  const { carts, checkouts } = state.store
  return `not reconciled, shop / app: carts ${carts.size} / ${held.get("cart") ?? 0}, checkouts ${checkouts.size} / ${held.get("checkout") ?? 0}`
}

const seconds = (sinceMs: number) => ((performance.now() - sinceMs) / 1_000).toFixed(1)
