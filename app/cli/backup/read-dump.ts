import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { createGunzip } from "node:zlib"
import { AppError } from "../../errors.ts"
import { type Block, type DumpFoot, type DumpHead, parseLine } from "./dump-format.ts"

/** What a backup is made of, in order. `rows` are the rest of a block's text up to its end mark, in pieces. */
export type DumpPart =
  | { kind: "head"; head: DumpHead }
  | { kind: "block"; block: Block }
  | { kind: "rows"; text: Buffer }
  | { kind: "end" }
  | { kind: "foot"; foot: DumpFoot; sha256: string }

const NEWLINE = 10
/** A row's text has no line of a backslash and a point: COPY writes a backslash of the data as two. */
const END_MARK = Buffer.from("\n\\.\n")

/**
 * Reads a backup piece by piece, in little memory however large it is.
 * @throws AppError `bad_file`
 */
export async function* readDump(file: string): AsyncGenerator<DumpPart> {
  const hash = createHash("sha256")
  let held: Buffer = Buffer.alloc(0)
  let shopId: number | null = null
  let inBlock = false
  let ended = false
  const source = createReadStream(file).on("error", (error) => unzipped.destroy(error))
  const unzipped = source.pipe(createGunzip())
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      for (;;) {
        if (inBlock) {
          const at = held.indexOf(END_MARK)
          // What may be the beginning of the mark waits for more.
          const safe = at === -1 ? held.length - (END_MARK.length - 1) : at + 1
          if (safe > 0) {
            const text = held.subarray(0, safe)
            hash.update(text)
            yield { kind: "rows", text: Buffer.from(text) }
            held = held.subarray(safe)
          }
          if (at === -1) break
          hash.update(held.subarray(0, 3))
          held = held.subarray(3) // the mark without its first newline, which ends the last row
          inBlock = false
          yield { kind: "end" }
          continue
        }
        const end = held.indexOf(NEWLINE)
        if (end === -1) break
        const line = held.subarray(0, end + 1)
        const parsed = ended ? null : parseLine(line.toString("utf8").slice(0, -1))
        if (parsed === null) throw notABackup(file, "a line is not of a backup")
        if (parsed.kind === "foot") {
          ended = true
          yield { kind: "foot", foot: parsed.foot, sha256: hash.digest("hex") }
        } else {
          hash.update(line)
          if (parsed.kind === "head") yield parsed
          else if (parsed.kind === "shop") shopId = parsed.shopId
          else {
            yield { kind: "block", block: { table: parsed.table, columns: parsed.columns, shopId } }
            inBlock = true
          }
        }
        held = held.subarray(end + 1)
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw notABackup(file, `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "damaged"})`, error)
  }
  if (!ended || held.length > 0) throw notABackup(file, "its end is missing")
}

/**
 * Reads a backup to its end and compares it with what it says of itself, before anything is changed.
 * @throws AppError `bad_file`
 */
export async function checkDump(file: string): Promise<{ head: DumpHead; foot: DumpFoot }> {
  let head: DumpHead | undefined
  for await (const part of readDump(file)) {
    if (part.kind === "head") head = part.head
    else if (!head) throw notABackup(file, "its first line is missing")
    else if (part.kind === "foot") {
      if (part.foot.sha256 !== part.sha256) throw notABackup(file, "its content is not what was written")
      return { head, foot: part.foot }
    }
  }
  throw notABackup(file, "its end is missing")
}

function notABackup(file: string, why: string, cause?: unknown): AppError {
  return new AppError("bad_file", `Expected a whole backup in ${file}, but ${why}. Take another copy.`, {
    cause,
  })
}
