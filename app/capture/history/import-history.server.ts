/**
 * A shop's past, read by bulk operations and applied as everything else that the shop tells. Each kind is a row of
 * import_runs: a batch is applied and the row moved on in one transaction, so that a worker that dies in between
 * leaves nothing half done, and the next one goes on from the row. Webhooks may come meanwhile: the newer word stands.
 */
import { withShopSql } from "../../db.server.ts"
import { AppError } from "../../errors.ts"
import { log } from "../../log.server.ts"
import { isInstalled } from "../../shop/app-life.server.ts"
import { shopKeys } from "../../shop/keys.server.ts"
import { askShop, type ShopAdmin } from "../../shopify-ask.server.ts"
import { applyChanges } from "../shopify/apply-changes.server.ts"
import type { RecordChange } from "../shopify/record.ts"
import { readOperation, startOperation } from "./bulk-operation.server.ts"
import { readResult } from "./bulk-result.server.ts"
import { changesOfGroup } from "./group-changes.ts"
import { READ_SHOP } from "./history-queries.ts"
import { historyQuery } from "./history-query.ts"
import { type HistoryRun, nextRun, updateRun } from "./history-run.server.ts"
import { withKnownProducts } from "./known-products.server.ts"
import { mayReadNames } from "./may-read-names.server.ts"
import { shopChange } from "./shop-node.ts"

/** Changes applied by one transaction: enough to make its set-up cheap, few enough to show progress. */
const BATCH = 600
const MOST_RESTARTS = 3

export type HistoryStep =
  /** All that was asked for is there. */
  | "done"
  /** Something was done, and more can be at once. */
  | "more"
  /** Shopify is at work: ask again in a moment. */
  | "waiting"

/**
 * Does the next step of the shop's history.
 * @param stopAtMs when to leave the rest to the next step
 * @throws AppError `unavailable`; the run is as it was, and is tried again
 */
export async function importHistory(
  shopId: number,
  admin: ShopAdmin,
  stopAtMs = Number.POSITIVE_INFINITY,
): Promise<HistoryStep> {
  const run = await nextRun(shopId)
  if (!run) return "done"
  const set = (changes: Parameters<typeof updateRun>[3]) =>
    withShopSql(shopId, (client) => updateRun(client, shopId, run, changes))
  if (run.operation === null) return start(shopId, admin, run, set)
  const standing = await readOperation(admin, run.operation)
  switch (standing.state) {
    case "running":
      await set({ rowsExpected: standing.objects })
      return "waiting"
    case "completed":
      await set({ rowsExpected: standing.objects })
      return readAll(shopId, run, standing, stopAtMs)
    case "lost": {
      const again = run.restarts < MOST_RESTARTS
      log.warn({ shopId, kind: run.kind, reason: standing.reason }, "a bulk operation was lost")
      await set({
        operation: null,
        position: 0,
        startOver: true,
        restarts: run.restarts + 1,
        state: again ? "running" : "failed",
        message: again
          ? `Shopify ended the export (${standing.reason}). It was started again.`
          : `Shopify ended the export ${MOST_RESTARTS + 1} times (${standing.reason}). Ask for it again with “Import again”.`,
      })
      return "more"
    }
    default:
      return standing satisfies never
  }
}

type Set = (changes: Parameters<typeof updateRun>[3]) => Promise<boolean>

async function start(shopId: number, admin: ShopAdmin, run: HistoryRun, set: Set): Promise<HistoryStep> {
  if (run.kind === "history_products") await tellShop(shopId, admin)
  const may = await mayReadNames(admin, run.kind)
  if (may === "none") {
    await set({
      state: "failed",
      message:
        "Shopify does not let the app read these yet. Request access to protected customer data for it in the Partner Dashboard, then “Import again”.",
    })
    return "more"
  }
  const operation = await startOperation(admin, historyQuery(run.kind, may === "all"))
  if (operation === null) return "waiting"
  await set({
    operation,
    ...(may === "all"
      ? {}
      : { message: "Read without names and addresses: Shopify has not approved the app for them." }),
  })
  return "waiting"
}

/** What the shop is called, and its currency, which prices need. */
export async function tellShop(shopId: number, admin: ShopAdmin): Promise<void> {
  const keys = await shopKeys(shopId)
  const receivedAt = new Date()
  const { data } = await askShop(admin, READ_SHOP)
  await withShopSql(shopId, (client) =>
    applyChanges(client, shopId, keys, [shopChange(data, receivedAt.getTime())], {
      receivedAt,
      source: "history",
    }),
  )
}

type Batch = { changes: RecordChange[]; groups: number; rows: number; aside: number; endsAt: number }

async function readAll(
  shopId: number,
  run: HistoryRun,
  { url, objects, startedAtMs }: { url: string | null; objects: number; startedAtMs: number },
  stopAtMs: number,
): Promise<HistoryStep> {
  if (url === null) return finish(shopId, run)
  const at = { ...run }
  let batch = emptyBatch(at.position)
  for await (const { node, children, endsAt, damaged } of readResult(url, at.position)) {
    const changes = damaged ? "bad_node" : changesOfGroup(at.kind, node, children, { atMs: startedAtMs })
    if (changes === "bad_node") batch.aside++
    else batch.changes.push(...changes)
    batch.groups++
    batch.rows += 1 + children.length
    batch.endsAt = endsAt
    if (batch.changes.length < BATCH) continue
    if (!(await applyBatch(shopId, at, batch))) return "more"
    at.position = endsAt
    batch = emptyBatch(endsAt)
    if (Date.now() >= stopAtMs) return "more"
  }
  if (batch.groups > 0 && !(await applyBatch(shopId, at, batch))) return "more"
  log.info({ shopId, kind: run.kind, objects }, "history read")
  return finish(shopId, { ...at, position: batch.endsAt })
}

const emptyBatch = (endsAt: number): Batch => ({ changes: [], groups: 0, rows: 0, aside: 0, endsAt })

/** @returns false where the run is another worker's by now, or nobody's: then nothing was changed. */
async function applyBatch(shopId: number, run: HistoryRun, batch: Batch): Promise<boolean> {
  const keys = await shopKeys(shopId)
  const receivedAt = new Date()
  try {
    await withShopSql(shopId, async (client) => {
      if (!(await isInstalled(client, shopId))) throw new Overtaken()
      const changes = await withKnownProducts(client, shopId, batch.changes)
      const { changed } = await applyChanges(client, shopId, keys, changes, { receivedAt, source: "history" })
      const moved = await updateRun(client, shopId, run, {
        position: batch.endsAt,
        rowsRead: batch.rows,
        rowsAdded: Math.min(
          batch.rows,
          Object.values(changed).reduce((sum, count) => sum + count, 0),
        ),
        ...(batch.aside > 0 ? { aside: { bad_node: batch.aside } } : {}),
      })
      if (!moved) throw new Overtaken()
    })
    return true
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
}

/** Rolls the transaction back: somebody else has done this part. */
class Overtaken extends AppError {
  constructor() {
    super("internal", "Another worker has this run, or the app has left the shop.")
  }
}

async function finish(shopId: number, run: HistoryRun): Promise<HistoryStep> {
  await withShopSql(shopId, (client) => updateRun(client, shopId, run, { state: "done" }))
  if ((await nextRun(shopId)) === null) await countAtOnce(shopId)
  return "more"
}

/** Nobody should wait an hour for what now can be counted. */
async function countAtOnce(shopId: number): Promise<void> {
  await withShopSql(shopId, async (client) => {
    await client.query("SELECT analyze_imported()")
    await client.query("UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = ANY ($2)", [
      shopId,
      ["fetch_wanted", "update_journeys", "update_baselines", "update_features", "refresh_default_slates"],
    ])
  })
}
