import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"

testDatabase()

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "import.ts"), ...args], {
      env: process.env,
    })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out, err }))
  })
}

test("npm run import says what was added and what was set aside, and where; a second time adds nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "throughline-cli-"))
  const events = join(folder, "events.csv")
  const items = join(folder, "items.csv")
  writeFileSync(events, "shopper,type,at,item\nann,product_view,2026-05-01,mug\nann,dance,2026-05-01,mug\n")
  writeFileSync(items, "item,title\nmug,Blue mug\n")
  const args = ["--shop", "cli.myshopify.com", "--events", events, "--items", items]
  const first = await run(...args)
  expect(first.code, first.err).toBe(0)
  expect(first.out.replace(/ +/g, " ")).toContain(
    "2 rows read\n 1 new\n 0 already there\n 1 set aside: unknown_type",
  )
  expect(first.out).toContain(`${events}.aside.jsonl`)
  expect(readFileSync(`${events}.aside.jsonl`, "utf8")).toContain('"line":3,"reason":"unknown_type"')
  const second = await run(...args)
  expect(second.out.replace(/ +/g, " ")).toContain("2 rows read\n 0 new\n 1 already there")
  rmSync(folder, { recursive: true })
})

test("wrong use and a file that is not there end with a message and a failure", async () => {
  for (const [args, message] of [
    [["--events", "x.csv"], "Expected --shop and --events or --items"],
    [["--shop", "no shop", "--events", "x.csv"], "--shop must be a domain"],
    [["--shop", "cli.myshopify.com", "--events", "none.csv"], "none.csv cannot be read"],
    [["--shop"], "argument missing"],
  ] as const) {
    const { code, err } = await run(...args)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toContain("    at ")
  }
})
