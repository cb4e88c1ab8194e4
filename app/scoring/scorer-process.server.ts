/**
 * The scorer: a process of its own, because a run of ONNX Runtime blocks the event loop of the process that it runs
 * in, and because a process that dies here takes nothing with it. It is started by scorer-child.server.ts, talks to
 * that process alone, and ends with it.
 *
 * Arguments: budget in bytes for models, most requests in a batch.
 */
import { flushCompileCache } from "node:module"
import { MAX_BATCH, nextBatch } from "./drain.ts"
import { joinItems } from "./item-arrays.ts"
import { type ItemMatrix, itemMatrix, type ModelSessions, openSessions } from "./loaded-model.server.ts"
import { type BatchWork, batchWork, scoreBatch } from "./score-batch.server.ts"
import type { FromScorer, ItemSlice, ScoreMessage, StartLoad, ToScorer } from "./scorer-protocol.ts"

type Loaded = {
  modelSha: string
  sessions: ModelSessions
  matrix: ItemMatrix
  eligible: Uint8Array
  work: BatchWork
  bytes: number
}

/** ONNX Runtime holds weights once more in its own layout, and its working memory beside them. */
const SESSION_BYTES_PER_FILE_BYTE = 3

/** Of the working memory of a batch: a mask and a boost. */
const BATCH_BYTES_A_ROW = 1 + 4

/** Reading it is a system call and a file; memory grows slowly. */
const BATCHES_A_READING = 64
let batches = 0
let rssBytes = 0

const budgetBytes = Number(process.argv[2])
const maxBatch = Number(process.argv[3] ?? MAX_BATCH)

/** In order of use, least recent first. */
const loaded = new Map<string, Loaded>()
let queue: ScoreMessage[] = []
let draining = false

const tell = (message: FromScorer) => {
  if (process.connected) process.send?.(message)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Slices that wait for their load. */
const slices = new Map<string, ItemSlice[]>()

async function load(start: StartLoad): Promise<void> {
  const parts = slices.get(start.key) ?? []
  slices.delete(start.key)
  const message = { ...start, ...joinItems(parts) }
  try {
    const shared = [...loaded.values()].find((one) => one.modelSha === message.modelSha)
    const sessions = shared?.sessions ?? (await openSessions(message.files))
    const matrix = await itemMatrix(message)
    const bytes =
      matrix.rows * matrix.dimension * 4 +
      matrix.rows * (1 + maxBatch * BATCH_BYTES_A_ROW) +
      (shared ? 0 : sessions.fileBytes * SESSION_BYTES_PER_FILE_BYTE)
    loaded.delete(message.key)
    loaded.set(message.key, {
      modelSha: message.modelSha,
      sessions,
      matrix,
      eligible: message.eligible,
      work: batchWork(maxBatch, matrix.rows),
      bytes,
    })
    chores.push(evict)
    wake()
    tell({ type: "loaded", key: message.key, bytes })
  } catch (error) {
    tell({ type: "refused", key: message.key, message: messageOf(error) })
  }
}

async function drop(key: string): Promise<void> {
  const going = loaded.get(key)
  loaded.delete(key)
  if (going === undefined || [...loaded.values()].some((one) => one.sessions === going.sessions)) return
  await going.sessions.encoder.release()
  await going.sessions.scorer.release()
}

async function evict(): Promise<void> {
  let total = [...loaded.values()].reduce((sum, one) => sum + one.bytes, 0)
  for (const [key, one] of [...loaded]) {
    // The one just loaded stays, whatever it takes.
    if (total <= budgetBytes || loaded.size === 1) return
    total -= one.bytes
    await drop(key)
    tell({ type: "evicted", key })
  }
}

/** Sessions are released between batches, never in the middle of one. */
const chores: (() => Promise<void>)[] = []

/** Loads run one after the other while requests go on; what is said of a model later comes after its load. */
let loads: Promise<void> = Promise.resolve()

const afterLoads = (work: () => Promise<void> | void) => {
  loads = loads.then(work)
}

function wake(): void {
  if (draining) return
  draining = true
  // After the poll phase, so that everything that has arrived is in the queue.
  setImmediate(() => void drain())
}

async function drain(): Promise<void> {
  for (;;) {
    const chore = chores.shift()
    if (chore) await chore()
    if (queue.length > 0) await scoreNext()
    if (queue.length === 0 && chores.length === 0) break
  }
  draining = false
}

async function scoreNext(): Promise<void> {
  const batch = nextBatch(queue, Date.now(), maxBatch)
  queue = batch.rest
  if (batch.requests.length === 0) return
  const ids = batch.requests.map((request) => request.id)
  const model = loaded.get(batch.key)
  if (model === undefined) {
    tell({ type: "failed", ids, reason: "loading", message: "the model is not loaded" })
    return
  }
  loaded.delete(batch.key)
  loaded.set(batch.key, model)
  try {
    const results = await scoreBatch(model.sessions, model.matrix, model.eligible, model.work, batch.requests)
    if (batches % BATCHES_A_READING === 0) rssBytes = process.memoryUsage.rss()
    batches += 1
    tell({ type: "scored", results, rssBytes })
  } catch (error) {
    tell({ type: "failed", ids, reason: "score_failed", message: messageOf(error) })
  }
}

function receive(message: ToScorer): void {
  switch (message.type) {
    case "items":
      if (message.from === 0) slices.set(message.key, [])
      slices.get(message.key)?.push(message)
      return
    case "load":
      afterLoads(() => load(message))
      return
    case "eligible":
      afterLoads(() => {
        const model = loaded.get(message.key)
        if (model) model.eligible = message.eligible
      })
      return
    case "drop":
      afterLoads(() => {
        chores.push(() => drop(message.key))
        wake()
      })
      return
    case "score":
      queue.push(...message.requests)
      wake()
      return
    case "stop":
      process.exit(0)
      return
    default: {
      const unknown: never = message
      throw new TypeError(`Unknown message ${JSON.stringify(unknown)}`)
    }
  }
}

process.on("message", receive)
process.on("disconnect", () => process.exit(0))
tell({ type: "ready" })
flushCompileCache()
