/**
 * The result of a bulk operation, read from where it was left: lines of JSON, one for each node, children behind their
 * parent (`groupObjects`). Memory holds one parent with its children, however long the file is.
 */
import { z } from "zod"
import { env } from "../../env.server.ts"
import { AppError } from "../../errors.ts"

/** A node, those below it, and how many bytes of the file end with them. `damaged` where no node could be read. */
export type ResultGroup = { node: unknown; children: unknown[]; endsAt: number; damaged: boolean }

/** Longer than any node of ours; one that is longer is no line of such a file. */
const MAX_LINE_BYTES = 32 << 20
const NEW_LINE = 10

/**
 * @param position bytes that are done with; the next group begins there
 * @throws AppError `unavailable` where the file does not come, or breaks off
 */
export async function* readResult(url: string, position: number): AsyncGenerator<ResultGroup> {
  let group: ResultGroup | null = null
  for await (const { text, endsAt } of readLines(url, position)) {
    const line = parseLine(text)
    if (line !== null && "__parentId" in line && group?.node !== null && group !== null) {
      group.children.push(line)
      group.endsAt = endsAt
      continue
    }
    if (group !== null) yield group
    // A damaged line, or a child whose parent was one, is a group of its own: it is counted, and stops nothing.
    const damaged = line === null || "__parentId" in line
    group = { node: damaged ? null : line, children: [], endsAt, damaged }
  }
  if (group !== null) yield group
}

const lineSchema = z.record(z.string(), z.unknown())

function parseLine(text: string): Record<string, unknown> | null {
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch {
    // Bad input is data.
    return null
  }
}

async function* readLines(url: string, position: number): AsyncGenerator<{ text: string; endsAt: number }> {
  const body = await openResult(url, position)
  let rest = Buffer.alloc(0)
  let endsAt = position
  for await (const chunk of body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let from = 0
    for (let at = rest.indexOf(NEW_LINE); at >= 0; at = rest.indexOf(NEW_LINE, from)) {
      const text = rest.toString("utf8", from, at)
      endsAt += at + 1 - from
      from = at + 1
      if (text.length > 0) yield { text, endsAt }
    }
    rest = rest.subarray(from)
    if (rest.length > MAX_LINE_BYTES) throw broken("a line without an end")
  }
  if (rest.length > 0) yield { text: rest.toString("utf8"), endsAt: endsAt + rest.length }
}

type Chunks = AsyncIterable<Uint8Array>

async function openResult(url: string, position: number): Promise<Chunks> {
  mustBeAllowed(url)
  const response = await fetch(url, {
    redirect: "error",
    ...(position > 0 ? { headers: { Range: `bytes=${position}-` } } : {}),
  }).catch((cause: unknown) => {
    throw new AppError(
      "unavailable",
      "Expected the result of a bulk operation; its server does not answer.",
      {
        cause,
      },
    )
  })
  // All of the file was read before.
  if (response.status === 416) return emptyBody()
  if (!response.ok || !response.body)
    throw new AppError(
      "unavailable",
      `Expected the result of a bulk operation; its server said ${response.status}. It is asked again later.`,
    )
  // Node's streams can be iterated; the types of the web platform do not say so yet.
  const body = response.body as unknown as Chunks
  return response.status === 206 || position === 0 ? body : skipping(body, position)
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** A server that knows no ranges sends all of it. */
async function* skipping(body: Chunks, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of body) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

/** The address comes from Shopify, over TLS. Only the simulated shop is on this machine. */
function mustBeAllowed(url: string): void {
  const { protocol, origin } = new URL(url)
  const simulated = env().SIMULATED_SHOP_URL
  if (protocol === "https:" || (simulated && origin === new URL(simulated).origin)) return
  throw new AppError("unavailable", "Expected an https address for the result of a bulk operation.")
}

function broken(what: string, cause?: unknown): AppError {
  return new AppError("unavailable", `Expected lines of a bulk operation, got ${what}. It is read again.`, {
    cause,
  })
}
