/**
 * The form of a backup: gzipped text, as PostgreSQL's own plain dumps are. A first line says what it holds, then come
 * COPY blocks as psql takes them, each after a line that names its shop, and a last line gives the rows of each table
 * and the SHA-256 of all before it.
 */
import { z } from "zod"

/** data: everything but the vault. keys: the vault, kept apart from the data. */
export type DumpHolds = "data" | "keys"

export const SCHEMA_OF: Record<DumpHolds, "public" | "vault"> = { data: "public", keys: "vault" }

const HEAD = "-- throughline backup "
const SHOP = "-- shop "
const FOOT = "-- end "
export const END_OF_ROWS = "\\.\n"

const head = z.object({
  format: z.literal(1),
  holds: z.enum(["data", "keys"]),
  madeAt: z.iso.datetime(),
  /** Applied in the database that was backed up. */
  migrations: z.array(z.string()),
})
export type DumpHead = z.infer<typeof head>

const foot = z.object({ rows: z.record(z.string(), z.int()), sha256: z.string() })
export type DumpFoot = z.infer<typeof foot>

/** Rows of one table; of one shop, unless the table has no shops. */
export type Block = { table: string; columns: string[]; shopId: number | null }

export const headLine = (value: DumpHead): string => `${HEAD}${JSON.stringify(value)}\n`
export const footLine = (value: DumpFoot): string => `${FOOT}${JSON.stringify(value)}\n`

export function blockLines({ table, columns, shopId }: Block): string {
  const names = columns.map(quoted).join(", ")
  return `${SHOP}${shopId ?? "none"}\nCOPY ${quotedTable(table)} (${names}) FROM stdin;\n`
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quotedTable = (table: string): string => table.split(".").map(quoted).join(".")

export type DumpLine =
  | { kind: "head"; head: DumpHead }
  | { kind: "shop"; shopId: number | null }
  | { kind: "copy"; table: string; columns: string[] }
  | { kind: "foot"; foot: DumpFoot }

/** A line outside of a block; null for what no backup of ours has. */
export function parseLine(line: string): DumpLine | null {
  if (line.startsWith(HEAD))
    return withJson(line.slice(HEAD.length), head, (value) => ({ kind: "head", head: value }))
  if (line.startsWith(FOOT))
    return withJson(line.slice(FOOT.length), foot, (value) => ({ kind: "foot", foot: value }))
  const shop = /^-- shop (none|\d{1,9})$/.exec(line)?.[1]
  if (shop !== undefined) return { kind: "shop", shopId: shop === "none" ? null : Number(shop) }
  const copy = /^COPY "(\w+)"\."(\w+)" \(("\w+"(?:, "\w+")*)\) FROM stdin;$/.exec(line)
  if (!copy) return null
  const columns = (copy[3] ?? "").split(", ").map((name) => name.slice(1, -1))
  return { kind: "copy", table: `${copy[1]}.${copy[2]}`, columns }
}

function withJson<T>(text: string, schema: z.ZodType<T>, then: (value: T) => DumpLine): DumpLine | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? then(parsed.data) : null
  } catch {
    return null // bad input is data: the caller says which file it is
  }
}
