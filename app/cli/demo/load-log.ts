/** From files to a shop whose journeys, baselines and model are ready: each step is skipped where it was done before. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { importEvents } from "../../capture/import-events.server.ts"
import { importItems } from "../../capture/import-items.server.ts"
import { withShop } from "../../db.server.ts"
import { updateJourneys } from "../../journey/update-journeys.server.ts"
import { updateBaselines } from "../../scoring/baselines.server.ts"
import { importWithProgress } from "../import.ts"
import { startProgress } from "../progress.ts"

/** Imports the files that were not imported before. */
export async function loadLog(
  shopId: number,
  files: { events: string; items: string | null },
  asideFolder: string,
): Promise<void> {
  if (files.items) await importOnce(shopId, "items", files.items, asideFolder)
  await importOnce(shopId, "events", files.events, asideFolder)
}

/** Brings everything that is derived from what was imported up to date. */
export async function deriveFromLog(shopId: number, nowMs: number): Promise<void> {
  const journeys = startProgress("Mapping journeys")
  await updateJourneys(shopId, {
    asOf: new Date(nowMs),
    onProgress: ({ shoppersDone, shoppersTotal }) => journeys.update(shoppersDone, shoppersTotal, "shoppers"),
  })
  journeys.end()

  const baselines = startProgress("Counting what goes with what")
  await updateBaselines(shopId, { asOf: new Date(nowMs) })
  baselines.end()
}

const IMPORT = { items: importItems, events: importEvents }

/**
 * A file of the same place, size and time that this database has imported before adds nothing: it is not read again.
 * The note beside the set-aside rows only counts where the database still knows the import that it names.
 */
async function importOnce(
  shopId: number,
  kind: "items" | "events",
  file: string,
  folder: string,
): Promise<void> {
  const { size, mtimeMs } = statSync(file)
  const note = join(folder, `imported-${kind}.json`)
  const mark = `${file} ${size} ${Math.round(mtimeMs)}`
  const last = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : {}
  if (last.mark === mark && (await importIsDone(shopId, String(last.importId))))
    return startProgress(`Importing ${kind}`).end("done before")
  const result = await importWithProgress(
    `Importing ${kind}`,
    file,
    (options) => IMPORT[kind](shopId, file, options),
    join(folder, `${kind}-set-aside.jsonl`),
  )
  writeFileSync(note, JSON.stringify({ mark, importId: result.importId }))
}

async function importIsDone(shopId: number, importId: string): Promise<boolean> {
  return withShop(
    shopId,
    async (tx) => (await tx.importRun.count({ where: { shopId, importId, state: "done" } })) > 0,
  )
}
