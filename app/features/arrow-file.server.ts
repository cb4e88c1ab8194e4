import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import type { RecordBatch } from "apache-arrow"
import { RecordBatchFileWriter } from "apache-arrow"

export type ArrowFile = {
  /** Waits while the disk is behind, so that memory stays flat. */
  write(batch: RecordBatch): Promise<void>
  /** Needs at least one batch, which tells the schema. */
  end(): Promise<void>
}

export function openArrowFile(path: string): ArrowFile {
  const writer = new RecordBatchFileWriter()
  const file = createWriteStream(path)
  const written = pipeline(writer.toNodeStream(), file)
  // A full disk is told by the next write or by the end, not beside them.
  written.catch(() => undefined)
  return {
    async write(batch) {
      writer.write(batch)
      if (file.writableNeedDrain) await Promise.race([once(file, "drain"), written])
    },
    async end() {
      writer.finish()
      await written
    },
  }
}
