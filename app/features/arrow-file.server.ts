import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import {
  type Data,
  type DataType,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
} from "apache-arrow"

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

/** One batch of `length` rows; `children` are the schema's columns, each of that length. */
export function recordBatch(schema: Schema, length: number, children: Data<DataType>[]): RecordBatch {
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  )
}

/** Writes a whole file; of the batches at least one, which tells the schema. */
export async function writeArrowFile(
  path: string,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<void> {
  const file = openArrowFile(path)
  for await (const batch of batches) await file.write(batch)
  await file.end()
}
