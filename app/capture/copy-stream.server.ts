import { once } from "node:events"
import type pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import { CopyRows } from "./copy-rows.ts"

/** A COPY into a table, row by row: write rows to `rows`, `flush` now and then, `end` at last. */
export type CopyStream = {
  rows: CopyRows
  /** Sends the pieces that are full. @throws what the database answered, where it refused. */
  flush(): Promise<void>
  end(): Promise<void>
  abort(): void
}

/** @param target the table with its columns in parentheses. The connection is taken until `end` or `abort`. */
export function openCopy(client: pg.PoolClient, target: string): CopyStream {
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT binary)`))
  const rows = new CopyRows()
  let failure: Error | null = null
  stream.on("error", (error) => {
    failure = error
  })
  const flush = async () => {
    for (const piece of rows.takeFull()) {
      if (failure) throw failure
      // `once` also ends, with the error, when the stream fails.
      if (!stream.write(piece)) await once(stream, "drain")
    }
  }
  return {
    rows,
    flush,
    async end() {
      await flush()
      if (failure) throw failure
      stream.end(rows.end())
      await once(stream, "finish")
    },
    abort() {
      // After a failure the database has ended the COPY itself.
      if (!failure) stream.destroy(new Error("The import stopped before the end of the file."))
    },
  }
}
