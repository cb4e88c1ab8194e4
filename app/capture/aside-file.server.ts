import { type FileHandle, open, rm } from "node:fs/promises"
import type { RowReason } from "./row-fields.ts"
import type { Row } from "./rows.ts"

const KEPT_CHARS = 2_000
const WRITE_CHARS = 1 << 16

export type AsideCounts = Partial<Record<RowReason, number>>

/** Where rows that cannot be imported are kept, with line number and reason, so that they can be mended and given again. */
export type AsideFile = {
  counts: AsideCounts
  total: number
  add(row: Pick<Row, "line" | "text">, reason: RowReason): void
  /** Writes what has gathered; call it now and then, so that memory stays flat. */
  flush(): Promise<void>
  /** The path, or null where nothing was set aside or no path was asked for. */
  close(): Promise<string | null>
  /** Removes the file: the import left nothing, so this does not stay either. */
  discard(): Promise<void>
}

/** JSON lines `{line, reason, row}`, readable by its owner alone, for rows hold shoppers' names. Made at the first row. */
export function asideFile(path: string | undefined): AsideFile {
  const counts: AsideCounts = {}
  let handle: FileHandle | null = null
  let waiting: string[] = []
  let waitingChars = 0
  const write = async () => {
    if (path === undefined || waiting.length === 0) return
    handle ??= await open(path, "w", 0o600)
    const text = waiting.join("")
    waiting = []
    waitingChars = 0
    await handle.write(text)
  }
  return {
    counts,
    total: 0,
    add(row, reason) {
      counts[reason] = (counts[reason] ?? 0) + 1
      this.total++
      if (path === undefined) return
      const whole = typeof row.text === "string" ? row.text : row.text()
      const kept = whole.length > KEPT_CHARS ? `${whole.slice(0, KEPT_CHARS)}…` : whole
      const text = `${JSON.stringify({ line: row.line, reason, row: kept })}\n`
      waiting.push(text)
      waitingChars += text.length
    },
    async flush() {
      if (waitingChars > WRITE_CHARS) await write()
    },
    async close() {
      await write()
      await handle?.close()
      return handle && path !== undefined ? path : null
    },
    async discard() {
      await handle?.close()
      if (handle && path !== undefined) await rm(path, { force: true })
    },
  }
}
