import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { env } from "../env.server.ts"
import { itemSlice } from "./item-arrays.ts"
import type { FromScorer, LoadModel, ScoredMessage, ScoreMessage, ToScorer } from "./scorer-protocol.ts"

const PROGRAM = fileURLToPath(new URL("./scorer-process.server.ts", import.meta.url))

/** Why the model did not answer. Each is counted and named where the fallback answered instead. */
export type ScoreFailure =
  | "scorer_down"
  | "loading"
  | "timeout"
  | "overloaded"
  | "score_failed"
  | "model_refused"

export type ScoreOutcome = ({ ok: true } & ScoredMessage) | { ok: false; reason: ScoreFailure }

/** A model is loaded, may not serve, or will be loaded by the next process. */
export type LoadOutcome = { state: "loaded" } | { state: "refused"; message: string } | { state: "down" }

/** Requests that may wait at once: at some 5,000 a second, about as many as a timeout of 150 ms lets through. */
const MAX_WAITING = 512

/** Silence after a first timeout that no run and no load explains: the process hangs and is ended. */
const HUNG_MS = 5_000

/** Some 50 KB: a message that the channel reads at once. */
const ITEMS_A_MESSAGE = 100

type Waiting = { settle: (outcome: ScoreOutcome) => void; timer: NodeJS.Timeout }

export type ChildEvents = {
  onExit: (child: ScorerChild, code: number | null, signal: NodeJS.Signals | null) => void
  onRefused: (key: string, message: string) => void
}

/** One scorer process: requests are coalesced into a message for each turn of the event loop. */
export class ScorerChild {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #loads = new Map<string, ((outcome: LoadOutcome) => void)[]>()
  readonly #events: ChildEvents
  readonly loadedKeys = new Set<string>()
  readonly startedMs = Date.now()
  rssBytes = 0
  #alive = true
  /** When the first request timed out of those since the last sign of life. */
  #silentSinceMs: number | null = null
  #unsent: ScoreMessage[] = []
  #nextId = 1

  constructor(budgetBytes: number, maxBatch: number, events: ChildEvents) {
    this.#events = events
    this.#process = fork(PROGRAM, [String(budgetBytes), String(maxBatch)], {
      serialization: "advanced",
      // A small young generation: requests are small, and its memory counts against the scorer's.
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        "--max-semi-space-size=2",
        "--max-old-space-size=256",
      ],
      // Nothing of the environment is needed, so nothing of it can leak. One malloc arena keeps freed memory small.
      // The compile cache holds the program without its types: reading it spares the 20 MB of the stripper.
      env: {
        NODE_ENV: "production",
        MALLOC_ARENA_MAX: "1",
        NODE_COMPILE_CACHE: join(env().THROUGHLINE_HOME, "compile-cache"),
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    })
    this.#process.on("message", (message: FromScorer) => this.#receive(message))
    this.#process.on("exit", (code, signal) => this.#end(code, signal))
    this.#process.on("error", () => this.#end(null, null))
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get alive(): boolean {
    return this.#alive
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves once the model may be asked, or to why not. */
  load(message: LoadModel): Promise<LoadOutcome> {
    return new Promise((resolve) => {
      if (!this.#alive) return resolve({ state: "down" })
      const others = this.#loads.get(message.key)
      if (others) {
        others.push(resolve)
        return
      }
      this.#loads.set(message.key, [resolve])
      this.#sendItems(message)
    })
  }

  #sendItems({ itemTokens, itemText, itemPrice, itemId, ...load }: LoadModel): void {
    const items = itemPrice.length
    for (let from = 0; from < items; from += ITEMS_A_MESSAGE) {
      const part = itemSlice({ itemTokens, itemText, itemPrice, itemId }, from, from + ITEMS_A_MESSAGE)
      this.#send({ type: "items", key: load.key, from, ...part })
    }
    this.#send({ ...load, items })
  }

  setEligible(key: string, eligible: Uint8Array): void {
    this.#send({ type: "eligible", key, eligible })
  }

  drop(key: string): void {
    this.loadedKeys.delete(key)
    this.#send({ type: "drop", key })
  }

  /** Never rejects: an answer that did not come is data. */
  score(request: Omit<ScoreMessage, "id" | "deadlineMs">, timeoutMs: number): Promise<ScoreOutcome> {
    if (!this.#alive) return Promise.resolve({ ok: false, reason: "scorer_down" })
    if (!this.loadedKeys.has(request.key)) return Promise.resolve({ ok: false, reason: "loading" })
    if (this.#waiting.size >= MAX_WAITING) return Promise.resolve({ ok: false, reason: "overloaded" })
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#timeOut(id), timeoutMs)
      this.#waiting.set(id, { settle: resolve, timer })
      if (this.#unsent.length === 0) setImmediate(() => this.#flush())
      this.#unsent.push({ ...request, id, deadlineMs: Date.now() + timeoutMs })
    })
  }

  #timeOut(id: number): void {
    this.#settle(id, { ok: false, reason: "timeout" })
    const nowMs = Date.now()
    this.#silentSinceMs ??= nowMs
    if (nowMs - this.#silentSinceMs > HUNG_MS) this.kill()
  }

  /** Ends the process at once; whoever waits is told so. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#process.kill(signal)
  }

  #flush(): void {
    const requests = this.#unsent
    this.#unsent = []
    if (requests.length > 0) this.#send({ type: "score", requests })
  }

  #send(message: ToScorer): void {
    if (!this.#alive || !this.#process.connected) return
    // A pipe that breaks in between ends in "exit", which answers all who wait.
    this.#process.send(message, () => undefined)
  }

  #settle(id: number, outcome: ScoreOutcome): void {
    const one = this.#waiting.get(id)
    if (one === undefined) return // answered by its timeout already
    this.#waiting.delete(id)
    clearTimeout(one.timer)
    one.settle(outcome)
  }

  #settleLoad(key: string, outcome: LoadOutcome): void {
    const all = this.#loads.get(key) ?? []
    this.#loads.delete(key)
    for (const resolve of all) resolve(outcome)
  }

  #receive(message: FromScorer): void {
    this.#silentSinceMs = null
    switch (message.type) {
      case "ready":
        return
      case "loaded":
        this.loadedKeys.add(message.key)
        this.#settleLoad(message.key, { state: "loaded" })
        return
      case "refused":
        this.#settleLoad(message.key, { state: "refused", message: message.message })
        this.#events.onRefused(message.key, message.message)
        return
      case "evicted":
        this.loadedKeys.delete(message.key)
        return
      case "scored":
        this.rssBytes = message.rssBytes
        for (const result of message.results) this.#settle(result.id, { ok: true, ...result })
        return
      case "failed":
        for (const id of message.ids) this.#settle(id, { ok: false, reason: message.reason })
        return
      default: {
        const unknown: never = message
        throw new TypeError(`Unknown message ${JSON.stringify(unknown)}`)
      }
    }
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#alive) return
    this.#alive = false
    this.loadedKeys.clear()
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { ok: false, reason: "scorer_down" })
    for (const key of [...this.#loads.keys()]) this.#settleLoad(key, { state: "down" })
    this.#events.onExit(this, code, signal)
  }
}
