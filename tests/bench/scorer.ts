/**
 * The scorer alone against the sum of its parts, and drain batching against none, at 16 connections.
 *
 * scorer_vs_parts = requests/s of HTTP + encoder + 10,000 products + top 20
 *                   ÷ 1 / (seconds a request of HTTP alone + of the encoder alone + of the item scoring alone),
 * the last two in batches of 16, the most that 16 connections can fill: the cheapest way each could be had.
 */
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import * as ort from "onnxruntime-node"
import { HISTORY_COLUMNS, HISTORY_LENGTH } from "../../app/features/history-inputs.ts"
import { MAX_BATCH } from "../../app/scoring/drain.ts"
import { itemMatrix, openSessions } from "../../app/scoring/loaded-model.server.ts"
import { startChild } from "./child.ts"
import { type Answer, httpLoad } from "./http-load.ts"
import type { Figure } from "./report.ts"
import { figureOf, runRounds } from "./rounds.ts"
import { HISTORIES, historyOf, ITEMS, loadMessage, modelSource, TOP } from "./scorer-inputs.ts"

const CONNECTIONS = 16
const REQUESTS = 2_000
const PROGRAM = join(import.meta.dirname, "scorer-http.ts")

/** Seconds a request of each graph alone, on inputs that are ready, in batches of 16. */
async function graphParts() {
  const sessions = await openSessions(modelSource())
  const matrix = await itemMatrix(loadMessage())
  const feeds: Record<string, ort.Tensor> = { item_vectors: matrix.vectors }
  for (const [column, name] of HISTORY_COLUMNS.entries()) {
    const values = new Int32Array(CONNECTIONS * HISTORY_LENGTH)
    for (let n = 0; n < CONNECTIONS; n += 1)
      values.set(
        historyOf(n).subarray(column * HISTORY_LENGTH, (column + 1) * HISTORY_LENGTH),
        n * HISTORY_LENGTH,
      )
    feeds[name] = new ort.Tensor("int32", values, [CONNECTIONS, HISTORY_LENGTH])
  }
  const encoded = await sessions.encoder.run(feeds)
  const vectors = encoded.shopper_vector
  if (vectors === undefined) throw new Error("the encoder gave no vectors")
  const eligible = new Uint8Array(CONNECTIONS * matrix.rows).fill(1)
  for (let n = 0; n < CONNECTIONS; n += 1) eligible[n * matrix.rows] = 0
  const scorerFeeds = {
    shopper_vector: vectors,
    item_vectors: matrix.vectors,
    boost: new ort.Tensor("float32", new Float32Array(CONNECTIONS * matrix.rows), [CONNECTIONS, matrix.rows]),
    eligible: new ort.Tensor("uint8", eligible, [CONNECTIONS, matrix.rows]),
    k: new ort.Tensor("int64", BigInt64Array.of(BigInt(TOP)), [1]),
  }
  const secondsOf = async (batches: number, run: () => Promise<unknown>) => {
    const startedMs = performance.now()
    for (let batch = 0; batch < batches; batch += 1) await run()
    return (performance.now() - startedMs) / 1_000 / batches / CONNECTIONS
  }
  return {
    encoder: () => secondsOf(150, () => sessions.encoder.run(feeds)),
    items: () => secondsOf(500, () => sessions.scorer.run(scorerFeeds)),
  }
}

/** The rows of every history, asked one by one: what each answer under load is held to. */
async function references(port: number): Promise<Set<number>[]> {
  const found: Set<number>[] = []
  await httpLoad({
    port,
    connections: 1,
    requests: HISTORIES,
    pathOf: (n) => `/score/${n}`,
    check: (n, answer) => {
      found[n] = new Set(rowsOf(answer))
    },
  })
  return found
}

function rowsOf({ status, body }: Answer): number[] {
  if (status !== 200) throw new Error(`the scorer answered ${status}: ${body}`)
  const rows: number[] = JSON.parse(body).rows
  if (new Set(rows).size !== TOP || rows.some((row) => row < 1 || row > ITEMS))
    throw new Error(`expected ${TOP} different products, got ${rows.join(" ")}`)
  return rows
}

export async function measureScorer(rounds: number, say: (text: string) => void): Promise<Figure[]> {
  const parts = await graphParts()
  // One after the other: the first start of all fills the compile cache, as a shop's first publishing does.
  const single = await startChild(PROGRAM, ["1"])
  const drained = await startChild(PROGRAM, [String(MAX_BATCH)])
  try {
    const ports = { drained: Number(drained.firstLine), single: Number(single.firstLine) }
    const expected = await references(ports.drained)
    const load = (port: number, kind: string) =>
      httpLoad({
        port,
        connections: CONNECTIONS,
        requests: REQUESTS,
        pathOf: (n) => `/${kind}/${n % HISTORIES}`,
        check: (n, answer) => {
          const rows = rowsOf(answer)
          if (kind === "plain") return
          // A near tie may fall either way in another batch size: at most one product of twenty.
          const common = rows.filter((row) => expected[n % HISTORIES]?.has(row)).length
          if (common < TOP - 1) throw new Error(`history ${n % HISTORIES} got other products under load`)
        },
      })
    const measured = await runRounds(
      [
        { name: "http", measure: async () => 1 / (await load(ports.drained, "plain")) },
        { name: "encoder", measure: parts.encoder },
        { name: "items", measure: parts.items },
        { name: "whole", measure: () => load(ports.drained, "score") },
        { name: "unbatched", measure: () => load(ports.single, "score") },
      ],
      rounds,
      (done, kept) => say(`scorer: ${done} rounds, ${kept} of ${rounds} kept`),
    )
    // With reasons, the most that it ever holds.
    await load(ports.drained, "explain")
    let rssBytes = 0
    await httpLoad({
      port: ports.drained,
      connections: 1,
      requests: 1,
      pathOf: () => "/state/",
      check: (_n, answer) => {
        rssBytes = JSON.parse(answer.body).rssBytes
      },
    })
    const per = (name: string) => figureOf(measured, (value) => value(name))
    return [
      {
        name: "scorer_vs_parts",
        value: figureOf(
          measured,
          (value) => value("whole") * (value("http") + value("encoder") + value("items")),
        ),
        unit: "ratio",
        target: ">= 0.7",
      },
      {
        name: "drain_gain",
        value: figureOf(measured, (value) => value("whole") / value("unbatched")),
        unit: "ratio",
        target: ">= 1.5",
      },
      { name: "scorer_rss_mb", value: rssBytes / 1e6, unit: "MB", target: "<= 150" },
      { name: "scorer_requests_per_second", value: per("whole"), unit: "1/s", target: null },
      { name: "scorer_part_http_us", value: per("http") * 1e6, unit: "µs", target: null },
      { name: "scorer_part_encoder_us", value: per("encoder") * 1e6, unit: "µs", target: null },
      { name: "scorer_part_items_us", value: per("items") * 1e6, unit: "µs", target: null },
      { name: "scorer_rounds_dropped", value: measured.dropped, unit: `of ${measured.all}`, target: null },
    ]
  } finally {
    await drained.stop()
    await single.stop()
  }
}
