/**
 * The scorer behind HTTP, and nothing else: no history is read, no decision written. A process of its own.
 * /score/N answers the top 20 for the N-th history; /plain an answer of the same size without scoring;
 * /explain/N with reasons; /state what the scorer says of itself. Argument: most requests in a batch.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { NO_BOOSTS } from "../../app/scoring/blend.ts"
import { keepModel, score, scorerState, startScorer } from "../../app/scoring/scorer.server.ts"
import { boostsOf, HISTORIES, historyOf, loadMessage, TOP } from "./scorer-inputs.ts"

startScorer({ maxBatch: Number(process.argv[2]), timeoutMs: 10_000 })
const loaded = await keepModel(loadMessage())
if (loaded.state !== "loaded") throw new Error(`the model was not loaded: ${JSON.stringify(loaded)}`)

const histories = Array.from({ length: HISTORIES }, (_, n) => historyOf(n))
const boosts = Array.from({ length: HISTORIES }, (_, n) => boostsOf(n))
const nothing = new Int32Array(0)

async function answer(path: string): Promise<string> {
  const [, kind, number] = path.split("/")
  if (kind === "state") return JSON.stringify(scorerState())
  if (kind === "plain") return plain
  const outcome = await score({
    key: "bench",
    columns: histories[Number(number) % HISTORIES] ?? nothing,
    excluded: nothing,
    boosts: boosts[Number(number) % HISTORIES] ?? NO_BOOSTS,
    count: TOP,
    explain: kind === "explain",
    heads: false,
  })
  if (!outcome.ok) throw new Error(outcome.reason)
  return JSON.stringify({ rows: Array.from(outcome.rows), scores: Array.from(outcome.scores) })
}

let plain = ""
plain = await answer("/score/0")

const server = createServer((request, response) => {
  answer(request.url ?? "").then(
    (body) => {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      })
      response.end(body)
    },
    (error: unknown) => {
      response.writeHead(500).end(String(error))
    },
  )
})
server.listen(0, "127.0.0.1", () => console.info((server.address() as AddressInfo).port))
process.on("disconnect", () => process.exit(0))
