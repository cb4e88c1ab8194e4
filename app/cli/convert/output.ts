import { rmSync } from "node:fs"
import { type FileHandle, mkdir, open, rename } from "node:fs/promises"
import { join } from "node:path"
import type { PlainEvent, PlainItem } from "../../capture/event.ts"
import { EVENT_COLUMNS, type EventColumn } from "../../capture/event-row.ts"
import { ITEM_COLUMNS, type ItemColumn } from "../../capture/item-row.ts"
import { AppError } from "../../errors.ts"

export const FORMATS = ["csv", "jsonl"] as const
export type Format = (typeof FORMATS)[number]

const FLUSH_CHARS = 1 << 16

export type Output = {
  writeEvents(events: Iterable<PlainEvent>): Promise<void>
  writeItems(items: Iterable<PlainItem>): Promise<void>
  /** Gives the files their names; returns their paths. Until then nothing stands in the folder under them. */
  commit(): Promise<string[]>
  /** Leaves nothing behind. Without effect after `commit`. */
  abort(): Promise<void>
}

/**
 * Writes `events` and, where there are any, `items` into a folder. Each write is waited for, so memory stays flat.
 * @throws AppError `unavailable` where the folder cannot be written to.
 */
export async function openOutput(folder: string, format: Format): Promise<Output> {
  const files: OpenFile[] = []
  const removeAll = () => {
    for (const { partial } of files) rmSync(partial, { force: true })
  }
  const stop = (signal: NodeJS.Signals) => {
    removeAll()
    process.exit(signal === "SIGINT" ? 130 : 143)
  }
  process.once("SIGINT", stop).once("SIGTERM", stop)
  const release = () => process.off("SIGINT", stop).off("SIGTERM", stop)

  async function create(name: string, columns: readonly string[]): Promise<OpenFile> {
    const path = join(folder, `${name}.${format}`)
    const partial = join(folder, `.${name}.${format}.${process.pid}.partial`)
    await orUnwritable(folder, mkdir(folder, { recursive: true }))
    const handle = await orUnwritable(partial, open(partial, "w"))
    const file = { path, partial, handle, pending: format === "csv" ? `${columns.join(",")}\n` : "" }
    files.push(file)
    return file
  }
  const events = await create("events", EVENT_COLUMNS)

  return {
    async writeEvents(batch) {
      for (const event of batch) {
        events.pending += eventLine(event, format)
        if (events.pending.length >= FLUSH_CHARS) await flush(events)
      }
    },
    async writeItems(batch) {
      let file: OpenFile | null = null
      for (const item of batch) {
        file ??= await create("items", ITEM_COLUMNS)
        file.pending += itemLine(item, format)
        if (file.pending.length >= FLUSH_CHARS) await flush(file)
      }
    },
    async commit() {
      for (const file of files) {
        await flush(file)
        await orUnwritable(file.partial, file.handle.sync())
        await file.handle.close()
      }
      for (const { partial, path } of files) await orUnwritable(path, rename(partial, path))
      release()
      return files.map(({ path }) => path)
    },
    async abort() {
      release()
      removeAll()
      await Promise.all(files.map(({ handle }) => handle.close()))
    },
  }
}

type OpenFile = { path: string; partial: string; handle: FileHandle; pending: string }

async function flush(file: OpenFile): Promise<void> {
  const text = file.pending
  file.pending = ""
  await orUnwritable(file.partial, file.handle.appendFile(text))
}

async function orUnwritable<T>(path: string, writing: Promise<T>): Promise<T> {
  return writing.catch((cause: NodeJS.ErrnoException) => {
    throw new AppError(
      "unavailable",
      `${path} cannot be written (${cause.code}). Nothing was kept. Give OUT as a folder with room that you may write to.`,
      { cause },
    )
  })
}

export function eventLine(event: PlainEvent, format: Format): string {
  const { shopper, type, atMs, item, priceCents, currency, quantity, session, order, query, source, id } =
    event
  const at = new Date(atMs).toISOString()
  const price = amountOf(priceCents)
  const row = { shopper, type, at, item, price, currency, quantity, session, order, query, source, id }
  return lineOf<EventColumn>(row, EVENT_COLUMNS, format)
}

export function itemLine(product: PlainItem, format: Format): string {
  const { item, title, description, category, brand, currency, image, available } = product
  const price = amountOf(product.priceCents)
  const row = { item, title, description, category, brand, price, currency, image, available }
  return lineOf<ItemColumn>(row, ITEM_COLUMNS, format)
}

function amountOf(cents: number | undefined): string | undefined {
  return cents === undefined ? undefined : (cents / 100).toFixed(2)
}

type Line<Column extends string> = { readonly [column in Column]: string | number | boolean | undefined }

function lineOf<Column extends string>(row: Line<Column>, columns: readonly Column[], format: Format) {
  switch (format) {
    case "csv":
      return `${columns.map((column) => csvField(row[column])).join(",")}\n`
    case "jsonl":
      return `${JSON.stringify(row)}\n`
    default:
      return format satisfies never
  }
}

function csvField(value: string | number | boolean | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value)
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
