import { env } from "../env.server.ts"
import { TEXT_DIMENSION, TOKENS_PER_ITEM } from "../features/item-inputs.ts"
import { log } from "../log.server.ts"
import { MAX_BATCH } from "./drain.ts"
import { type LoadOutcome, type ScoreOutcome, ScorerChild } from "./scorer-child.server.ts"
import type { LoadModel, ModelSource, ScoreMessage } from "./scorer-protocol.ts"

export type { ScoreFailure, ScoreOutcome } from "./scorer-child.server.ts"

const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 10_000

/** A scorer that lived this long was healthy: its end starts the back-off afresh. */
const HEALTHY_MS = 30_000

/** What the process itself needs beside its models: some 140 MB measured with 10,000 products, and room. */
const OVERHEAD_MB = 192

const MEGABYTE = 1024 * 1024

export type ScorerOptions = {
  memoryMb?: number
  timeoutMs?: number
  /** 1 turns batching off: for measurements. */
  maxBatch?: number
  /** Resident memory at which the process is replaced by a fresh one. */
  replaceAtMb?: number
}

type Running = {
  child: ScorerChild
  options: Required<ScorerOptions>
  restarts: number
  deathsInARow: number
  restartTimer: NodeJS.Timeout | null
  replacing: boolean
}

let running: Running | undefined

/** Models that must be loaded, now and after each restart, least recently used first. */
const kept = new Map<string, LoadModel>()
const refused = new Map<string, string>()

/** Starts this process's scorer; a second call changes nothing. Without it every score says `scorer_down`. */
export function startScorer(options: ScorerOptions = {}): void {
  if (running) return
  const memoryMb = options.memoryMb ?? env().SCORER_MEMORY_MB
  const whole = {
    memoryMb,
    replaceAtMb: options.replaceAtMb ?? memoryMb + OVERHEAD_MB,
    timeoutMs: options.timeoutMs ?? env().SCORER_TIMEOUT_MS,
    maxBatch: options.maxBatch ?? MAX_BATCH,
  }
  running = {
    child: spawnChild(whole),
    options: whole,
    restarts: 0,
    deathsInARow: 0,
    restartTimer: null,
    replacing: false,
  }
  for (const model of kept.values()) void running.child.load(model)
}

/** Ends the scorer and forgets its models. */
export async function stopScorer(): Promise<void> {
  const stopping = running
  running = undefined
  kept.clear()
  refused.clear()
  if (!stopping) return
  if (stopping.restartTimer) clearTimeout(stopping.restartTimer)
  stopping.child.kill()
}

function spawnChild(options: Required<ScorerOptions>): ScorerChild {
  return new ScorerChild(options.memoryMb * MEGABYTE, options.maxBatch, {
    onExit: (child, code, signal) => afterExit(child, code, signal),
    onRefused: (key, message) => {
      refused.set(key, message)
      log.error({ model: key, reason: message }, "the scorer refused a model")
    },
  })
}

function afterExit(child: ScorerChild, code: number | null, signal: NodeJS.Signals | null): void {
  const now = running
  if (now === undefined || now.child !== child) return
  now.deathsInARow = Date.now() - child.startedMs > HEALTHY_MS ? 1 : now.deathsInARow + 1
  const delayMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (now.deathsInARow - 1))
  log.warn({ code, signal, delayMs }, "the scorer ended and is started again")
  now.restartTimer = setTimeout(() => {
    now.restartTimer = null
    now.restarts += 1
    now.child = spawnChild(now.options)
    for (const model of kept.values()) void now.child.load(model)
  }, delayMs)
}

/** A fresh process takes over once it holds the models; the old one answers until then. */
async function replaceGrown(now: Running): Promise<void> {
  now.replacing = true
  const old = now.child
  log.warn({ rssBytes: old.rssBytes }, "the scorer has grown and is replaced")
  const fresh = spawnChild(now.options)
  await Promise.all([...kept.values()].map((model) => fresh.load(model)))
  now.replacing = false
  if (running !== now || now.child !== old || !fresh.alive) {
    fresh.kill()
    return
  }
  now.child = fresh
  now.restarts += 1
  // Whoever still waits for the old one has its answer, or gave up, after one timeout.
  setTimeout(() => old.kill(), now.options.timeoutMs * 2)
}

/**
 * Loads a model and its catalogue, and keeps them loaded through restarts until `forgetModel`. Resolves once it may be
 * asked, or may not; `down` when the next process will load it.
 */
export async function keepModel(model: LoadModel): Promise<LoadOutcome> {
  refused.delete(model.key)
  kept.delete(model.key)
  kept.set(model.key, model)
  return running ? running.child.load(model) : { state: "down" }
}

/** New availability for a model that is kept. (rows,) uint8, row 0 = 0. */
export function setEligible(key: string, eligible: Uint8Array): void {
  const model = kept.get(key)
  if (model === undefined) return
  kept.set(key, { ...model, eligible })
  running?.child.setEligible(key, eligible)
}

export function forgetModel(key: string): void {
  kept.delete(key)
  refused.delete(key)
  running?.child.drop(key)
}

export type ScoreRequest = Omit<ScoreMessage, "id" | "deadlineMs">

/**
 * Asks the model. Many requests may be in flight; those that wait together run together. Never throws: where the
 * model did not answer in time, the reason says why, and the caller's fallback answers.
 */
export async function score(
  request: ScoreRequest,
  timeoutMs = running?.options.timeoutMs ?? 0,
): Promise<ScoreOutcome> {
  const now = running
  if (!now) return { ok: false, reason: "scorer_down" }
  if (refused.has(request.key)) return { ok: false, reason: "model_refused" }
  const outcome = await now.child.score(request, timeoutMs)
  const model = kept.get(request.key)
  if (!outcome.ok && outcome.reason === "loading" && model) void now.child.load(model)
  if (now.child.rssBytes > now.options.replaceAtMb * MEGABYTE && !now.replacing) void replaceGrown(now)
  return outcome
}

export type ScorerState = {
  running: boolean
  pid: number | null
  rssBytes: number
  restarts: number
  waiting: number
  loadedModels: number
  refused: { model: string; reason: string }[]
}

/** For health, metrics and the admin. */
export function scorerState(): ScorerState {
  return {
    running: running?.child.alive ?? false,
    pid: running?.child.pid ?? null,
    rssBytes: running?.child.rssBytes ?? 0,
    restarts: running?.restarts ?? 0,
    waiting: running?.child.waiting ?? 0,
    loadedModels: running?.child.loadedKeys.size ?? 0,
    refused: [...refused].map(([model, reason]) => ({ model, reason })),
  }
}

/**
 * Loads a model in a process of its own, runs its golden check and ends. Null when it may serve. A damaged model can
 * bring the process down that opens it; this one serves nobody.
 */
export async function tryModel(modelSha: string, files: ModelSource): Promise<string | null> {
  const child = new ScorerChild(64 * MEGABYTE, 1, { onExit: () => undefined, onRefused: () => undefined })
  try {
    const outcome = await child.load({
      type: "load",
      key: modelSha,
      modelSha,
      files,
      itemTokens: new Int32Array(TOKENS_PER_ITEM).fill(1),
      itemText: new Float32Array(TEXT_DIMENSION),
      itemPrice: Int32Array.of(1),
      itemId: Int32Array.of(0),
      eligible: Uint8Array.of(0, 1),
    })
    switch (outcome.state) {
      case "loaded":
        return null
      case "refused":
        return outcome.message
      case "down":
        return "the process that opened it ended"
      default: {
        const unknown: never = outcome
        throw new TypeError(`Unknown outcome ${JSON.stringify(unknown)}`)
      }
    }
  } finally {
    child.kill()
  }
}
