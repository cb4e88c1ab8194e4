import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, expect, test } from "vitest"
import { convert, readArguments } from "./convert.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "convert-"))
})
afterEach(() => rm(folder, { recursive: true }))

const options = { format: "csv", mapping: null, key: null, site: null } as const

async function input(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const TMALL_HEADER = "user_id,brand_id,type,visit_datetime\n"

test("real repeats survive, and what is left out is counted with its first line", async () => {
  const path = await input("log.csv", `${TMALL_HEADER}1,7,0,6-4\n1,7,0,6-4\n1,7,9,6-4\n1,8,1,6-5\n`)
  const out = join(folder, "deep", "out")
  const result = await convert("tmall", path, out, options)
  expect(result).toMatchObject({ events: 3, items: 2, tally: { rows: 4 } })
  expect(result.tally.skipped.get("unknown_type")).toMatchObject({ rows: 1, line: 4 })
  const lines = (await readFile(join(out, "events.csv"), "utf8")).trim().split("\n")
  expect(lines[1]).toBe(lines[2])
  expect(await readdir(out)).toEqual(["events.csv", "items.csv"])
})

test("a log in gzip gives the same events, as JSON lines if so asked", async () => {
  const browser = '"Mozilla/5.0 Firefox/140.0"'
  const at = "[10/Oct/2025:13:55:36 +0000]"
  const log = [
    `203.0.113.7 - - ${at} "GET /products/red-hat HTTP/1.1" 200 5 "https://shop.test/" ${browser}`,
    `203.0.113.7 - - ${at} "GET /theme.css HTTP/1.1" 200 5 "https://shop.test/" ${browser}`,
    `203.0.113.9 - - ${at} "GET /robots.txt HTTP/1.1" 200 5 "-" "Googlebot/2.1"`,
  ].join("\n")
  const path = await input("access.log.gz", gzipSync(log))
  const result = await convert("access-log", path, join(folder, "out"), { ...options, format: "jsonl" })
  expect(result).toMatchObject({ events: 1, items: 1 })
  const [line = ""] = (await readFile(join(folder, "out", "events.jsonl"), "utf8")).split("\n")
  expect(JSON.parse(line)).toMatchObject({ type: "product_view", item: "red-hat" })
  expect(line).not.toContain("203.0.113")
})

test("a mapping of one's own takes the place of the storefront's addresses", async () => {
  const mapping = await input("rules.json", '[{"path": "^/p/(?<item>\\\\d+)$", "type": "product_view"}]')
  const log = '203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET /p/17 HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
  const path = await input("access.log", log)
  const result = await convert("access-log", path, join(folder, "out"), { ...options, mapping })
  expect(result).toMatchObject({ events: 1, items: 1 })
})

test("a file of another kind is refused with what was expected and what came, and leaves nothing", async () => {
  const wrongColumns = await input("a.csv", "user,brand\n1,2\n")
  const out = join(folder, "out")
  await expect(convert("tmall", wrongColumns, out, options)).rejects.toThrow(
    /no column user_id.*visit_datetime.*user,brand/s,
  )
  const noLog = await input("b.log", "not a log\n")
  await expect(convert("access-log", noLog, out, options)).rejects.toThrow(
    /gave no event.*Combined Log Format.*line 1, begins: not a log/s,
  )
  const noParquet = await input("c.parquet", "a,b,c,d,e,f,g,h\n")
  await expect(convert("online-retail", noParquet, out, options)).rejects.toThrow(/no whole Parquet file/)
  expect(await readdir(out)).toEqual([])
})

test("a log cut short in gzip leaves what was there before", async () => {
  const path = await input("log.txt", "1 2 3\n")
  const out = join(folder, "out")
  await convert("amazon-sequences", path, out, options)
  const before = await readFile(join(out, "events.csv"), "utf8")
  const whole = gzipSync("1 2 3\n".repeat(10_000))
  const cut = await input("cut.txt.gz", whole.subarray(0, whole.length - 20))
  await expect(convert("amazon-sequences", cut, out, options)).rejects.toThrow(/cut short/)
  expect(await readFile(join(out, "events.csv"), "utf8")).toBe(before)
})

test("a missing file, and a folder that is a file, are named", async () => {
  await expect(convert("cdnow", join(folder, "none.txt"), folder, options)).rejects.toThrow(
    /none\.txt cannot be read/,
  )
  const path = await input("cdnow.txt", "00004 0001 19970101  2   29.33\n")
  await expect(convert("cdnow", path, path, options)).rejects.toThrow(/cannot be written \(EEXIST\)/)
})

test.each([
  [["shopware", "a", "b"], /There are: online-retail, tmall, amazon-sequences, cdnow, access-log/],
  [[], /Expected a kind of log, got none/],
  [["tmall", "a"], /IN OUT/],
  [["tmall", "a", "b", "--format", "xml"], /csv or jsonl/],
  [["tmall", "a", "b", "--key", "k"], /go with access-log/],
])("arguments %j are refused", (args, message) => {
  expect(() => readArguments(args)).toThrow(message)
})
