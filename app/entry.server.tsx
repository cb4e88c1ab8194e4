import { PassThrough } from "node:stream"
import { createReadableStreamFromReadable, type EntryContext } from "@remix-run/node"
import { RemixServer } from "@remix-run/react"
import { isbot } from "isbot"
import { renderToPipeableStream } from "react-dom/server"
import { AppError } from "./errors.ts"
import { log } from "./log.server.ts"
import { addDocumentHeaders } from "./shopify.server.ts"

/** Milliseconds after which a page that is still waiting for data ends with what it has. */
export const streamTimeout = 10_000

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
): Promise<Response> {
  addDocumentHeaders(request, headers)
  headers.set("Content-Type", "text/html")
  // A bot gets the whole page at once; a browser gets the frame first.
  const whole = isbot(request.headers.get("user-agent") ?? "")
  return new Promise((resolve, reject) => {
    let answered = false
    const answer = () => {
      answered = true
      const body = new PassThrough()
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status }))
      pipe(body)
    }
    const { pipe, abort } = renderToPipeableStream(<RemixServer context={context} url={request.url} />, {
      onShellReady: whole ? undefined : answer,
      onAllReady: whole ? answer : undefined,
      onShellError: reject,
      onError(error) {
        // Before the answer the rejection says it.
        if (answered) logError(error)
      },
    })
    setTimeout(abort, streamTimeout + 1_000).unref()
  })
}

/** What a loader threw that is no Response. The address stays out of the log: its query holds tokens. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (!request.signal.aborted) logError(error)
}

function logError(thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error("something other than an error was thrown")
  const code = "code" in error ? error.code : undefined
  // A driver's message may quote the row that it could not write; ours and the language's do not.
  const speaks = error instanceof AppError || error instanceof TypeError || error instanceof RangeError
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at "))
  log.error({ error: error.name, code, frames }, speaks ? error.message : "a request failed")
}
