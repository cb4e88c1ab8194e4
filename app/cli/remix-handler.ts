import { createRequestHandler, type ServerBuild, writeReadableStreamToWritable } from "@remix-run/node"
import type { Request as ExpressRequest, Response as ExpressResponse, RequestHandler } from "express"
import { env } from "../env.server.ts"

/**
 * Express in, Remix out. Unlike @remix-run/express it takes a body that a parser has already read within its cap,
 * never builds the address from the Host header (anyone may send any), and replaces default headers instead of
 * doubling them.
 */
export function remixHandler(build: ServerBuild): RequestHandler {
  // Always as in production: no stack traces in answers, whatever NODE_ENV says.
  const answer = createRequestHandler(build, "production")
  return async (incoming, outgoing, next) => {
    try {
      await send(await answer(toWebRequest(incoming, outgoing)), outgoing)
    } catch (error) {
      next(error)
    }
  }
}

export function toWebRequest(incoming: ExpressRequest, outgoing: ExpressResponse): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)

  const abandoned = new AbortController()
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) abandoned.abort()
  })
  const body: unknown = incoming.body
  return new Request(new URL(env().SHOPIFY_APP_URL).origin + incoming.originalUrl, {
    method: incoming.method,
    headers,
    signal: abandoned.signal,
    // Express' raw parser leaves a plain object where there was no body.
    body: Buffer.isBuffer(body) && body.length > 0 ? new Uint8Array(body) : undefined,
  })
}

async function send(answer: Response, outgoing: ExpressResponse): Promise<void> {
  writeHead(answer, outgoing)
  if (answer.body) await writeReadableStreamToWritable(answer.body, outgoing)
  else outgoing.end()
}

export function writeHead(answer: Response, outgoing: ExpressResponse): void {
  outgoing.status(answer.status)
  for (const name of new Set(answer.headers.keys()))
    outgoing.setHeader(
      name,
      name === "set-cookie" ? answer.headers.getSetCookie() : (answer.headers.get(name) ?? ""),
    )
}
