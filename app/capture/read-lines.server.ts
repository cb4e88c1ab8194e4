import { isUtf8 } from "node:buffer"
import { createReadStream, type ReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { createGunzip } from "node:zlib"
import { AppError } from "../errors.ts"

/** A longer line is set aside without ever being held: no event or product is this large. */
export const MAX_LINE_BYTES = 1 << 20
const CHUNK_BYTES = 1 << 18
const PREVIEW_BYTES = 200
const LINE_FEED = 10

export type LineBlock = {
  /** Whole lines, each with its line feed (the last one of a file may lack it). */
  text: string
  /** Number of the block's first line, from 1. */
  firstLine: number
  /** Lines that are not UTF-8; in `text` they stand with replacement characters. */
  badLines: Set<number> | null
  /** Set for a block that stands for one line too long to read; `text` is then its beginning. */
  tooLong: boolean
  /** Bytes of the file (compressed ones, if it is) read so far. */
  bytesRead: number
}

/** Reads a text file (or one in gzip, by its `.gz`) in blocks of whole lines, with flat memory. */
export async function* readLines(path: string): AsyncGenerator<LineBlock> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  let carried: Buffer = Buffer.alloc(0)
  let line = 1
  let skipping: Buffer | null = null
  let first = true
  const blocks = (bytes: Buffer) => decodeBlock(bytes, line, file.bytesRead)
  const tooLong = (start: Buffer): LineBlock => ({
    text: start.toString("utf8"),
    firstLine: line++,
    badLines: null,
    tooLong: true,
    bytesRead: file.bytesRead,
  })
  for await (const chunk of bytesOf(path, file)) {
    let rest =
      first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
    first = false
    if (skipping) {
      const end = rest.indexOf(LINE_FEED)
      if (end < 0) continue
      yield tooLong(skipping)
      skipping = null
      rest = rest.subarray(end + 1)
    }
    const last = rest.lastIndexOf(LINE_FEED)
    if (last >= 0) {
      const whole = rest.subarray(0, last + 1)
      const block = blocks(carried.length > 0 ? Buffer.concat([carried, whole]) : whole)
      line += block.lines
      yield block
      carried = rest.subarray(last + 1)
    } else {
      carried = carried.length > 0 ? Buffer.concat([carried, rest]) : rest
    }
    if (carried.length > MAX_LINE_BYTES) {
      skipping = Buffer.from(carried.subarray(0, PREVIEW_BYTES))
      carried = Buffer.alloc(0)
    }
  }
  if (skipping) yield tooLong(skipping)
  else if (carried.length > 0) yield blocks(carried)
}

async function* bytesOf(path: string, file: ReadStream): AsyncGenerator<Buffer> {
  const stream = path.endsWith(".gz") ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file
  // A pipe does not carry errors on: a file that cannot be read must end the reading of what it feeds.
  if (stream !== file) file.on("error", (error) => stream.destroy(error))
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (cause) {
    throw badFile(path, cause)
  } finally {
    file.destroy()
  }
}

function badFile(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
  const what = code.startsWith("Z_") ? "is damaged or cut short: it is no whole gzip file" : "cannot be read"
  return new AppError("bad_file", `${path} ${what} (${code}). Nothing of it was kept. Export it again.`, {
    cause,
  })
}

function decodeBlock(bytes: Buffer, firstLine: number, bytesRead: number): LineBlock & { lines: number } {
  const whole = isUtf8(bytes)
  let lines = 0
  let badLines: Set<number> | null = null
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed < 0 ? bytes.length : feed
    if (!whole && !isUtf8(bytes.subarray(start, end))) {
      badLines ??= new Set()
      badLines.add(firstLine + lines)
    }
    lines++
    start = end + 1
  }
  return { text: bytes.toString("utf8"), firstLine, badLines, tooLong: false, bytesRead, lines }
}

/** @throws AppError `bad_file` unless `path` is a file with something in it. */
export async function checkFile(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError("bad_file", `${path} cannot be read (${cause.code}). Give the path of a file.`, {
      cause,
    })
  })
  if (!found.isFile()) throw new AppError("bad_file", `${path} is not a file. Give the path of a file.`)
  if (found.size === 0) throw new AppError("bad_file", `${path} is empty. Export it again.`)
  return found.size
}
