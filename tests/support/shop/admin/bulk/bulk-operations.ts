/**
 * Bulk queries: checked as Shopify checks them, run beside other requests, kept as files of lines that a URL serves
 * until it expires.
 */
import { randomBytes } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import type { AccessToken } from "../../state/installation.ts"
import type { ShopState } from "../../state.ts"
import type { AdminContext } from "../admin-context.ts"
import type { BulkPlan } from "./bulk-plan.ts"
import { runPlan } from "./run-plan.ts"

export type BulkKnobs = {
  /** At least so long an operation runs. */
  durationMs: number
  /** While it is set none ends, unless cancelled. */
  held: boolean
  /** What happens to the next operations, one each. */
  fail: ("ACCESS_DENIED" | "INTERNAL_SERVER_ERROR" | "TIMEOUT")[]
  /** After how many lines a failure strikes; what was written so far is the partial data. */
  failAfterLines: number
  urlLivesMs: number
  /** 5 since API version 2026-01. */
  concurrent: number
}

export type BulkOperation = {
  id: string
  type: "QUERY"
  status: "CREATED" | "RUNNING" | "COMPLETED" | "CANCELING" | "CANCELED" | "FAILED" | "EXPIRED"
  errorCode: string | null
  query: string
  createdAtMs: number
  completedAtMs: number | null
  objectCount: number
  rootObjectCount: number
  /** Name of the file and when it stops being served; null where there is none. */
  file: { name: string; expiresAtMs: number; content: Buffer; partial: boolean } | null
}

export type BulkOperations = ReturnType<typeof makeBulkOperations>

const HELD_LOOK_MS = 5
const LIVES_MS = 7 * 86_400_000 // Shopify's own

export function makeBulkOperations(state: ShopState, given: Partial<BulkKnobs> = {}) {
  const knobs: BulkKnobs = {
    durationMs: 0,
    held: false,
    fail: [],
    failAfterLines: 0,
    urlLivesMs: LIVES_MS,
    concurrent: 5,
    ...given,
  }
  const operations = new Map<string, BulkOperation>()
  const running = new Set<Promise<void>>()

  const isUnfinished = ({ status }: BulkOperation) =>
    status === "CREATED" || status === "RUNNING" || status === "CANCELING"

  const isExpired = (operation: BulkOperation) =>
    operation.file !== null && state.now() > operation.file.expiresAtMs

  function show(operation: BulkOperation): BulkOperation {
    if (operation.status === "COMPLETED" && isExpired(operation)) operation.status = "EXPIRED"
    return operation
  }

  async function run(operation: BulkOperation, plan: BulkPlan, context: AdminContext, grouped: boolean) {
    const failure = knobs.fail.shift() ?? null
    const started = Date.now()
    await wait(0)
    if (operation.status === "CREATED") operation.status = "RUNNING"
    const lines = await runPlan(plan, context, {
      grouped,
      stopAfterLines: failure === null ? null : knobs.failAfterLines,
      stopped: () => operation.status === "CANCELING",
      progress: ({ objects, roots }) =>
        Object.assign(operation, { objectCount: objects, rootObjectCount: roots }),
    })
    const rest = knobs.durationMs - (Date.now() - started)
    if (rest > 0) await wait(rest, undefined, { ref: false })
    while (knobs.held && operation.status === "RUNNING") await wait(HELD_LOOK_MS)
    const errorCode = failure ?? lines.errorCode
    operation.completedAtMs = state.now()
    if (operation.status === "CANCELING") operation.status = "CANCELED"
    else operation.status = errorCode === null ? "COMPLETED" : "FAILED"
    operation.errorCode = operation.status === "FAILED" ? errorCode : null
    if (lines.content.length > 0)
      operation.file = {
        name: `bulk-${operation.id}-${randomBytes(8).toString("hex")}.jsonl`,
        expiresAtMs: state.now() + knobs.urlLivesMs,
        content: lines.content,
        partial: operation.status !== "COMPLETED",
      }
  }

  return {
    knobs,
    all: () => [...operations.values()].map(show),
    find: (id: string): BulkOperation | null => {
      const found = operations.get(id)
      return found ? show(found) : null
    },
    /** Why no further operation may start, or null. */
    refusal: (): { code: string; message: string } | null => {
      const unfinished = [...operations.values()].filter(isUnfinished)
      if (unfinished.length < knobs.concurrent) return null
      return knobs.concurrent === 1
        ? {
            code: "OPERATION_IN_PROGRESS",
            message: `A bulk query operation for this app and shop is already in progress: gid://shopify/BulkOperation/${unfinished[0]?.id}.`,
          }
        : { code: "LIMIT_REACHED", message: "Bulk operations limit reached. Please try again later." }
    },
    start(query: string, plan: BulkPlan, context: AdminContext, grouped: boolean): BulkOperation {
      const operation: BulkOperation = {
        id: state.store.nextId(),
        type: "QUERY",
        status: "CREATED",
        errorCode: null,
        query,
        createdAtMs: state.now(),
        completedAtMs: null,
        objectCount: 0,
        rootObjectCount: 0,
        file: null,
      }
      operations.set(operation.id, operation)
      const work = run(operation, plan, withToken(context), grouped).catch((error: unknown) => {
        Object.assign(operation, {
          status: "FAILED",
          errorCode: "INTERNAL_SERVER_ERROR",
          completedAtMs: state.now(),
        })
        process.stderr.write(`Simulated bulk operation ${operation.id}: ${(error as Error)?.stack}\n`)
      })
      running.add(work)
      void work.then(() => running.delete(work))
      return operation
    },
    cancel(operation: BulkOperation): boolean {
      if (!isUnfinished(operation)) return false
      operation.status = "CANCELING"
      return true
    },
    /** The file of a name, while its address is good. */
    file(name: string): Buffer | null {
      for (const operation of operations.values())
        if (operation.file?.name === name && !isExpired(operation)) return operation.file.content
      return null
    },
    /** When all that runs has ended. */
    settled: async (): Promise<void> => void (await Promise.all(running)),
  }
}

/** An operation goes on with the scopes that it was started with, whatever becomes of the token. */
function withToken(context: AdminContext): AdminContext {
  const token: AccessToken = { ...context.token }
  return { ...context, token, spent: 0 }
}
