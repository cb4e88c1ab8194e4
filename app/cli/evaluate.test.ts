import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "throughline-evaluate-"))
const started: ChildProcess[] = []
afterAll(() => {
  // One that a test has given up on must not go on.
  for (const child of started) child.kill("SIGKILL")
  rmSync(folder, { recursive: true, force: true })
})

const COMMAND_MS = 600_000

type Ended = { code: number | null; out: string; said: string }

/** The command as a person gives it, with a state folder of its own. */
function evaluate(...args: string[]): Promise<Ended> {
  return evaluateIn("home", args)
}

/** `killedAt`: killed without a warning as soon as it says this. */
async function evaluateIn(home: string, args: readonly string[], killedAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "evaluate.ts"), ...args], {
    cwd: folder,
    env: { ...process.env, THROUGHLINE_HOME: join(folder, home) },
  })
  started.push(child)
  let [out, said] = ["", ""]
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString()
    if (killedAt !== undefined && said.includes(killedAt)) child.kill("SIGKILL")
  })
  const code = await new Promise<number | null>((done) => child.once("close", done))
  return { code, out, said }
}

const START_MS = Date.UTC(2026, 0, 5)
const DAY_MS = 86_400_000
const SHOPPERS = 90

/** Every shopper has a rhythm of 5 to 31 days, two in three of them until the end; and one row says nothing. */
function writeLog(): string {
  const lines = ["shopper,type,at,item,price,order", "nobody,stare,2026-01-05,p1,5,"]
  for (let shopper = 0; shopper < SHOPPERS; shopper += 1) {
    const [every, until] = [5 + (shopper % 27), shopper % 3 === 0 ? 80 : 240]
    for (let day = shopper % 11; day < until; day += every) {
      const at = new Date(START_MS + day * DAY_MS + shopper * 60_000).toISOString()
      lines.push(`s${shopper},purchase,${at},p${shopper % 30},${5 + (shopper % 4)}.00,o${shopper}-${day}`)
    }
  }
  const path = join(folder, "events.csv")
  writeFileSync(path, `${lines.join("\n")}\n`)
  return path
}

test(
  "a log gives a readiness list, a table with one chosen row, a file of it, and a report that stands alone",
  async () => {
    const json = join(folder, "out", "returns.json")
    const { code, out, said } = await evaluate(
      "--events",
      writeLog(),
      "--target",
      "return",
      "--json",
      json,
      "--threads",
      "1",
    )
    expect(said.split("\n").slice(-5).join("\n")).not.toContain("Traceback")
    expect(code).toBe(0)
    expect(out).toMatch(/✓ events +[\d,]+ events of 90 shoppers on 30 products/)
    expect(out).toContain("unknown_type 1")
    expect(out.match(/^★ /gm)).toHaveLength(2)
    const file = JSON.parse(readFileSync(json, "utf8"))
    expect(file.rows.filter((row: { chosen: boolean }) => row.chosen)).toHaveLength(1)
    for (const row of file.rows) expect(Object.keys(row)).toEqual(["model", "chosen", "metrics", "interval"])
    expect(readFileSync(join(folder, "out", "returns.html"), "utf8")).toContain("Is the data ready?")
    // No database was needed, and none was made.
    expect(existsSync(join(folder, "home", "postgres"))).toBe(false)
    expect(statSync(join(folder, "home")).mode & 0o077).toBe(0)
  },
  COMMAND_MS,
)

test(
  "what cannot be evaluated ends the command with what to do, and writes nothing",
  async () => {
    const path = join(folder, "few.csv")
    writeFileSync(path, "shopper,type,at,item\nann,purchase,2026-01-05,MUG\nann,purchase,2026-02-05,MUG\n")
    const json = join(folder, "few.json")
    const few = await evaluate("--events", path, "--target", "return", "--json", json)
    expect(few.code).toBe(1)
    expect(few.said).toMatch(/not ready.*\n.*at least 30 customers who bought before the test; the log has 1/)
    expect(existsSync(json)).toBe(false)
    const missing = await evaluate("--events", join(folder, "none.csv"), "--target", "return")
    expect(missing).toMatchObject({ code: 1, out: "" })
    expect(missing.said).toContain("none.csv cannot be read")
  },
  COMMAND_MS,
)

/** Everyone goes on from product to product, half of them by every second one. */
function writeWalks(): string {
  const lines = ["shopper,type,at,item"]
  for (let shopper = 0; shopper < 56; shopper += 1)
    for (let step = 0; step < 6; step += 1) {
      const at = new Date(START_MS + step * DAY_MS + shopper * 60_000).toISOString()
      lines.push(`s${shopper},product_view,${at},p${(shopper * 3 + step * (1 + (shopper % 2))) % 24}`)
    }
  const path = join(folder, "walks.csv")
  writeFileSync(path, `${lines.join("\n")}\n`)
  return path
}

test(
  "killed amid its training, the same command goes on after the last whole epoch and gives the same figures",
  async () => {
    const command = ["--events", writeWalks(), "--target", "next-event", "--split", "leave-one-out"]
    const asked = [...command, "--threads", "1", "--json"]
    const [killed, whole] = await Promise.all([
      evaluateIn("killed", [...asked, "resumed.json"], "SASRec 2/"),
      evaluateIn("whole", [...asked, "whole.json"]),
    ])
    expect(killed.code).toBeNull()
    expect(existsSync(join(folder, "resumed.json"))).toBe(false)
    const resumed = await evaluateIn("killed", [...asked, "resumed.json"])
    expect([whole.code, resumed.code]).toEqual([0, 0])
    expect(whole.said).toMatch(/SASRec 1\/\d+ {2}loss/)
    expect(resumed.said).not.toMatch(/SASRec 1\/\d+ {2}loss/)
    expect(resumed.said).toContain("masking the history: kept from an earlier run")
    expect(readFileSync(join(folder, "resumed.json"))).toEqual(readFileSync(join(folder, "whole.json")))
  },
  COMMAND_MS,
)
