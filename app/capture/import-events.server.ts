import { shopKeys } from "../shop/keys.server.ts"
import { ensureEventPartitions } from "./event-partitions.server.ts"
import { EVENT_COLUMNS, parseEventRow, REQUIRED_EVENT_COLUMNS } from "./event-row.ts"
import { type ImportOptions, type ImportResult, importFile } from "./import-file.server.ts"
import { mergeEvents } from "./merge-events.server.ts"
import { stageEvents } from "./stage-events.server.ts"

/**
 * Imports a file of events (.csv, .jsonl, .parquet). A second import of the same file adds nothing; rows that are
 * identical within one file are all kept, unless they share an `id`.
 * @throws AppError `bad_file`, `too_many`; then nothing of the file is kept.
 */
export async function importEvents(
  shopId: number,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const shop = { shopId, keys: await shopKeys(shopId), kind: "source" as const }
  const format = {
    kind: "events" as const,
    columns: EVENT_COLUMNS,
    required: REQUIRED_EVENT_COLUMNS,
    parse: parseEventRow,
  }
  return importFile(shopId, path, options, format, async (client) => {
    const stage = await stageEvents(client, shop.keys, shop.kind)
    return {
      add: stage.add,
      flush: stage.flush,
      abort: stage.abort,
      async merge(onProgress) {
        const staged = await stage.end()
        await ensureEventPartitions(staged.months)
        return mergeEvents(client, shop, staged, onProgress)
      },
    }
  })
}
