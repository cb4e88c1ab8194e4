/**
 * The whole block route against the sum of its parts, at 16 connections.
 *
 * block_vs_parts = requests/s of GET /proxy/block (express, signature, history, scoring with reasons, slate, decision)
 *                  ÷ 1 / (seconds a request of the signature + history + scoring + decision, each alone)
 *
 * each part through the very functions that the route calls, 16 at a time. HTTP and the framework are not among the
 * parts: they are what the route may cost on top.
 */
import { createHmac, randomUUID } from "node:crypto"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { buildWebIfStale } from "../../app/cli/web-build.ts"
import { withShopSql } from "../../app/db.server.ts"
import { flushDecisions, logDecision } from "../../app/decision/decision-log.server.ts"
import { blindRefs, readHistory } from "../../app/decision/read-history.server.ts"
import { excludedRows } from "../../app/recommend/eligibility.ts"
import { deedsOf, rankCandidates } from "../../app/recommend/rank-candidates.server.ts"
import { freshContext } from "../../app/recommend/shop-context.server.ts"
import { assembleSlate, CANDIDATES_PER_PLACE } from "../../app/recommend/slate.ts"
import { updateBaselines } from "../../app/scoring/baselines.server.ts"
import { startScorer, stopScorer } from "../../app/scoring/scorer.server.ts"
import { PROXY_PATH_PREFIX, signedText, verifyProxySignature } from "../../app/shop/proxy-signature.ts"
import { BENCH_PRODUCTS, BENCH_SHOPPERS, benchDomain, browserName, makeBenchShop } from "./bench-shop.ts"
import { startChild } from "./child.ts"
import { httpLoad } from "./http-load.ts"
import type { Figure } from "./report.ts"
import { figureOf, runRounds } from "./rounds.ts"
import { modelFolder } from "./scorer-inputs.ts"

const CONNECTIONS = 16
const REQUESTS = 600
const COUNT = 4

const itemOf = (n: number) => `p${1 + ((n * 7) % BENCH_PRODUCTS)}`

/** Signed as Shopify's proxy signs. */
function signedPath(n: number, secret: string): string {
  const query = new Map<string, string>([
    ["visitor", browserName(n % BENCH_SHOPPERS)],
    ["product", itemOf(n)],
    ["count", String(COUNT)],
    ["shop", benchDomain],
    ["path_prefix", PROXY_PATH_PREFIX],
    ["timestamp", String(Math.floor(Date.now() / 1_000))],
    ["logged_in_customer_id", ""],
  ])
  const signature = createHmac("sha256", secret).update(signedText(query)).digest("hex")
  return `/proxy/block?${new URLSearchParams([...query, ["signature", signature]])}`
}

/** Seconds a call, `CONNECTIONS` at a time. */
async function secondsEach(calls: number, call: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let n = next++; n < calls; n = next++) await call(n)
    }),
  )
  return (performance.now() - startedMs) / 1_000 / calls
}

async function partsOf(shopId: number, secret: string) {
  const context = await freshContext(shopId)
  const nowMs = Date.now()
  const refsOf = (n: number) =>
    blindRefs(shopId, [{ kind: "browser", name: browserName(n % BENCH_SHOPPERS) }])
  const known = await Promise.all(
    Array.from({ length: BENCH_SHOPPERS }, async (_, n) => {
      const history = await readHistory(shopId, await refsOf(n))
      const contextRow = context.rowByExternalId.get(itemOf(n)) ?? 0
      const excluded = excludedRows(context.products, {
        contextRow,
        cartRows: [],
        boughtRows: history.boughtProductIds.flatMap((id) => context.rowByProduct.get(id) ?? []),
      })
      return { history, contextRow, excluded }
    }),
  )
  const shopperOf = (n: number) => {
    const one = known[n % BENCH_SHOPPERS]
    if (one === undefined) throw new Error("no such shopper")
    return one
  }
  const rank = async (n: number) => {
    const { history, excluded } = shopperOf(n)
    const ranking = await rankCandidates(context, {
      events: history.events,
      excluded,
      count: COUNT * CANDIDATES_PER_PLACE,
      explain: true,
      asOfMs: nowMs,
    })
    if (ranking.servedBy !== "model") throw new Error(`the model did not answer: ${ranking.fallbackReason}`)
    return ranking
  }
  const rankings = await Promise.all(Array.from({ length: 64 }, (_, n) => rank(n)))
  const decide = async (n: number) => {
    const { history, contextRow, excluded } = shopperOf(n % 64)
    const ranking = rankings[n % 64]
    if (ranking === undefined) throw new Error("no such ranking")
    const out = new Set(excluded)
    const entries = assembleSlate({
      ranked: ranking.ranked,
      products: context.products,
      pinnedRows: [],
      allowed: (row) => context.eligible[row] === 1 && !out.has(row),
      rules: context.rules,
      deeds: deedsOf(context, history.events),
      contextRow,
      count: COUNT,
    })
    await logDecision(shopId, {
      decisionId: randomUUID(),
      atMs: nowMs,
      shopperId: history.shopperId,
      surface: "block",
      placement: "bench",
      contextProductId: context.products[contextRow - 1]?.productId ?? null,
      outcome: "shown",
      productIds: entries.map(({ product }) => product.productId),
      scores: entries.map(({ score }) => score),
      reasons: entries.map(({ reason }) => reason),
      servedBy: "model",
      fallbackReason: null,
      modelId: context.live.model?.modelId ?? null,
      inputsHash: ranking.inputsHash,
      latencyMs: 1,
    })
  }
  return {
    signature: () => {
      const paths = Array.from({ length: REQUESTS }, (_, n) => signedPath(n, secret))
      return secondsEach(REQUESTS, async (n) =>
        verifyProxySignature(new URL(paths[n] ?? "", "http://bench"), [secret], Date.now()),
      )
    },
    history: () =>
      secondsEach(REQUESTS, async (n) => {
        const history = await readHistory(shopId, await refsOf(n))
        if (history.events.length < 50) throw new Error("a history is not whole")
      }),
    scoring: () => secondsEach(REQUESTS, rank),
    decision: async () => {
      const startedMs = performance.now()
      await secondsEach(REQUESTS, decide)
      await flushDecisions()
      return (performance.now() - startedMs) / 1_000 / REQUESTS
    },
  }
}

export async function measureBlock(rounds: number, say: (text: string) => void): Promise<Figure[]> {
  const secret = process.env.SHOPIFY_API_SECRET ?? ""
  say("block: building the pages and the shop")
  await buildWebIfStale()
  const { shopId } = await makeBenchShop(modelFolder)
  await updateBaselines(shopId, { asOf: new Date() })
  const web = await startChild(join(import.meta.dirname, "..", "..", "app", "cli", "web.ts"), [], {
    PORT: "0",
    METRICS_PORT: "0",
    NODE_ENV: "production",
    LOG_LEVEL: "info", // the default: a line for each request is part of what the route costs
    SCORER_TIMEOUT_MS: "5000", // a neighbour's burst must not turn the measurement into one of the fallback
  })
  startScorer({ timeoutMs: 5_000 })
  try {
    const port = Number(new URL(JSON.parse(web.firstLine).listening).port)
    const parts = await partsOf(shopId, secret)
    let asked = 0
    const whole = async () => {
      const paths = Array.from({ length: REQUESTS }, (_, n) => signedPath(n + asked, secret))
      asked += REQUESTS
      return httpLoad({
        port,
        connections: CONNECTIONS,
        requests: REQUESTS,
        pathOf: (n) => paths[n] ?? "/",
        check: (_n, { status, body }) => {
          const answer = status === 200 ? JSON.parse(body) : {}
          if (answer.outcome !== "shown" || answer.servedBy !== "model" || answer.products?.length !== COUNT)
            throw new Error(`expected a whole slate by the model, got ${status} ${body.slice(0, 300)}`)
        },
      })
    }
    const measured = await runRounds(
      [
        { name: "signature", measure: parts.signature },
        { name: "history", measure: parts.history },
        { name: "scoring", measure: parts.scoring },
        { name: "decision", measure: parts.decision },
        { name: "whole", measure: whole },
      ],
      rounds,
      (done, kept) => say(`block: ${done} rounds, ${kept} of ${rounds} kept`),
    )
    await web.stop()
    await assertOnRecord(shopId, asked)
    const per = (name: string) => figureOf(measured, (value) => value(name))
    const sum = (value: (name: string) => number) =>
      value("signature") + value("history") + value("scoring") + value("decision")
    return [
      {
        name: "block_vs_parts",
        value: figureOf(measured, (value) => value("whole") * sum(value)),
        unit: "ratio",
        target: ">= 0.6",
      },
      { name: "block_requests_per_second", value: per("whole"), unit: "1/s", target: null },
      ...["signature", "history", "scoring", "decision"].map((name) => ({
        name: `block_part_${name}_us`,
        value: per(name) * 1e6,
        unit: "µs",
        target: null,
      })),
      { name: "block_rounds_dropped", value: measured.dropped, unit: `of ${measured.all}`, target: null },
    ]
  } finally {
    await web.stop()
    await stopScorer()
  }
}

/** Every slate that was shown is on record, once the web process has ended well. */
async function assertOnRecord(shopId: number, shown: number): Promise<void> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM decisions WHERE placement = 'product' AND served_by = 'model'",
    ),
  )
  if (rows[0]?.count !== shown)
    throw new Error(`${shown} slates were shown, ${rows[0]?.count ?? 0} are on record`)
}
