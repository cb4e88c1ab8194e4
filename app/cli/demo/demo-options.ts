import { existsSync } from "node:fs"
import { basename, resolve } from "node:path"
import { parseArgs } from "node:util"
import { AppError } from "../../errors.ts"

const USAGE = "Usage: npm run demo -- [--once] [--quiet] [--events FILE [--items FILE]] [--port N]"

export type DemoOptions = ReturnType<typeof readOptions>

/** @throws AppError `bad_request` with how it is called */
export function readOptions() {
  const { values } = parse()
  const file = (name: "events" | "items") => {
    const given = values[name]
    if (given === undefined) return null
    if (!existsSync(given))
      throw new AppError("bad_request", `--${name}: expected a file, but there is none at ${resolve(given)}.`)
    return resolve(given)
  }
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new AppError("bad_request", `--port: expected a number up to 65535, got "${values.port}".`)
  if (values.items && !values.events)
    throw new AppError("bad_request", `--items goes with --events. ${USAGE}`)
  return {
    once: values.once ?? false,
    quiet: values.quiet ?? false,
    events: file("events"),
    items: file("items"),
    port,
  }
}

function parse() {
  try {
    return parseArgs({
      options: {
        once: { type: "boolean" },
        quiet: { type: "boolean" },
        events: { type: "string" },
        items: { type: "string" },
        port: { type: "string" },
      },
    })
  } catch (cause) {
    throw new AppError("bad_request", `${(cause as Error).message}\n${USAGE}`, { cause })
  }
}

/** `Online Retail/events.parquet` → `online-retail`: the folder's name where the file's says nothing. */
export function shopName(events: string): string {
  const parts = resolve(events).split("/")
  const stem = basename(parts.at(-1) ?? "").replace(/\..*$/, "")
  const name = stem === "events" ? (parts.at(-2) ?? stem) : stem
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "shop"
  )
}
