import { type AsideCounts, asideFile } from "../capture/aside-file.server.ts"
import type { OpenRows } from "../capture/open-rows.server.ts"
import type { RowFields, RowReason } from "../capture/row-fields.ts"

export type FileToRead = {
  path: string
  /** Where rows that do not parse are kept, with line number and reason. */
  asideFile: string
}

export type FileRead = {
  rowsRead: number
  aside: AsideCounts
  /** Null where nothing was set aside. */
  asideFile: string | null
}

/** Gives each row of a file to `take`; what cannot be read as a row, or what `take` refuses, is kept aside. */
export async function readRows<Column extends string>(
  { bytes, batches }: OpenRows<Column>,
  asidePath: string,
  take: (fields: RowFields<Column>) => RowReason | null,
  onProgress: (share: number, rows: number) => void,
): Promise<FileRead> {
  const aside = asideFile(asidePath)
  let rowsRead = 0
  try {
    for await (const { rows, bytesRead } of batches) {
      for (const row of rows) {
        const reason = row.reason ?? take(row.fields)
        if (reason !== null) aside.add(row, reason)
      }
      rowsRead += rows.length
      await aside.flush()
      onProgress(bytesRead / bytes, rowsRead)
    }
  } catch (error) {
    await aside.discard()
    throw error
  }
  return { rowsRead, aside: aside.counts, asideFile: await aside.close() }
}
