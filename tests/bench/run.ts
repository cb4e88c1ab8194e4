/**
 * `npm run bench -- --json FILE [--only text,scorer,block,webhook,import] [--rounds N]`: measures what the project promises, prints
 * a table and writes `[{ name, value, unit, target, ok }]`. Ends with 1 when a target is missed. It uses a PostgreSQL
 * of its own, which it removes. Run it on an idle machine: rounds that a neighbour disturbed are dropped and counted.
 */
import { randomBytes } from "node:crypto"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { startEmbeddedPostgres } from "../../app/cli/embedded-postgres.ts"
import { migrate, prepareDatabase } from "../../app/cli/prepare-database.ts"
import { type Figure, judged, table } from "./report.ts"

const GROUPS = ["text", "import", "scorer", "block", "webhook"] as const
type Group = (typeof GROUPS)[number]

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", default: GROUPS.join(",") },
    rounds: { type: "string", default: "7" },
  },
})
const rounds = Number(options.rounds)
const chosen = options.only.split(",")
const say = (text: string) => process.stderr.write(`${text}\n`)

const home = mkdtempSync(join(tmpdir(), "throughline-bench-"))
const server = await startEmbeddedPostgres(home, "bench")
const { servingUrl, ownerUrl } = await prepareDatabase(server.adminUrl, "bench")
await migrate(ownerUrl)
Object.assign(process.env, {
  THROUGHLINE_HOME: home,
  DATABASE_URL: servingUrl,
  DATABASE_OWNER_URL: ownerUrl,
  DATABASE_POOL: "16",
  SHOPIFY_API_KEY: "bench",
  SHOPIFY_API_SECRET: randomBytes(24).toString("hex"),
  SHOPIFY_APP_URL: "http://127.0.0.1",
  THROUGHLINE_KEYS: `bench:${randomBytes(32).toString("base64")}`,
  REDIS_URL: "",
  LOG_LEVEL: "error",
})

/** After the environment is set: what is measured reads it when it is loaded. */
async function measure(group: Group): Promise<Figure[]> {
  switch (group) {
    case "text":
      return (await import("./text.ts")).measureText(rounds, say)
    case "scorer":
      return (await import("./scorer.ts")).measureScorer(rounds, say)
    case "block":
      return (await import("./block.ts")).measureBlock(rounds, say)
    case "webhook":
      return (await import("./webhook.ts")).measureWebhook(rounds, say)
    case "import": {
      const program = join(import.meta.dirname, "import.ts")
      if (!existsSync(program)) throw new Error("tests/bench/import.ts is missing")
      return (await import(pathToFileURL(program).href)).measureImport()
    }
    default: {
      const unknown: never = group
      throw new TypeError(`No such group: ${String(unknown)}`)
    }
  }
}

const figures: Figure[] = []
const broken: string[] = []
try {
  for (const group of GROUPS.filter((name) => chosen.includes(name))) {
    try {
      figures.push(...(await measure(group)))
    } catch (error) {
      broken.push(group)
      say(`${group}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }
} finally {
  const { closeDatabase } = await import("../../app/db.server.ts")
  await closeDatabase()
  await server.stop()
  server.remove()
  rmSync(home, { recursive: true, force: true })
}
const reported = figures.map(judged)
if (options.json) writeFileSync(options.json, `${JSON.stringify(reported, null, 2)}\n`)
console.info(table(reported))
if (broken.length > 0) console.info(`not measured: ${broken.join(", ")}`)
process.exit(broken.length > 0 || reported.some(({ ok }) => !ok) ? 1 : 0)
