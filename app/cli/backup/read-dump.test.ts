import { createHash } from "node:crypto"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { expect, test } from "vitest"
import { blockLines, type DumpHead, END_OF_ROWS, footLine, headLine } from "./dump-format.ts"
import { checkDump, readDump } from "./read-dump.ts"

const file = join(mkdtempSync(join(tmpdir(), "throughline-dump-")), "dump.gz")
const head: DumpHead = { format: 1, holds: "data", madeAt: "2026-11-24T12:00:00.000Z", migrations: ["one"] }

type Rows = { table: string; shopId: number | null; lines: string[] }

function write(blocks: readonly Rows[]): void {
  let text = headLine(head)
  for (const { table, shopId, lines } of blocks)
    text +=
      blockLines({ table, shopId, columns: ["a", "b"] }) +
      lines.map((line) => `${line}\n`).join("") +
      END_OF_ROWS
  const sha256 = createHash("sha256").update(text).digest("hex")
  writeFileSync(file, gzipSync(text + footLine({ rows: {}, sha256 })))
}

async function read(): Promise<Rows[]> {
  const blocks: Rows[] = []
  let text = ""
  for await (const part of readDump(file)) {
    if (part.kind === "block") blocks.push({ table: part.block.table, shopId: part.block.shopId, lines: [] })
    if (part.kind === "rows") text += part.text.toString("utf8")
    if (part.kind === "end") {
      blocks.at(-1)?.lines.push(...text.slice(0, -1).split("\n"))
      text = ""
    }
  }
  return blocks
}

/** As COPY writes them: no newline, and each backslash of the data as two. Long ones straddle the pieces read. */
const line = fc
  .tuple(fc.string({ unit: "grapheme" }), fc.constantFrom(0, 1, 3, 16_380, 16_384, 65_530))
  .map(([text, pad]) => `${text.replaceAll(/[\n\r]/g, "").replaceAll("\\", "\\\\")}${"x".repeat(pad)}`)

test("whatever the rows hold and wherever a piece of the file ends, they are read as they were written", async () => {
  const block = fc.record({
    table: fc.constantFrom("public.events", "public.shops"),
    shopId: fc.option(fc.integer({ min: 1, max: 999 })),
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(block, { maxLength: 5 }), async (blocks) => {
      write(blocks)
      expect(await read()).toEqual(blocks)
      expect((await checkDump(file)).head).toEqual(head)
    }),
    { seed: 20261124, numRuns: 150 },
  )
})

test("a table or column with a name that no migration makes is no line of a backup", async () => {
  const evil = 'COPY "public"."shops; DROP TABLE shops" ("a") FROM stdin;\nx\n\\.\n'
  writeFileSync(file, gzipSync(headLine(head) + evil))
  await expect(checkDump(file)).rejects.toThrow(/a line is not of a backup/)
})

test("a file that is not there says so", async () => {
  await expect(checkDump(`${file}.none`)).rejects.toThrow(/ENOENT/)
})
