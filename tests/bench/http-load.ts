/**
 * A load generator that costs little itself: plain sockets, one request in flight on each, kept alive. It runs on the
 * same two cores as what it measures.
 */
import { connect, type Socket } from "node:net"
import { performance } from "node:perf_hooks"

export type Answer = { status: number; body: string }

export type Load = {
  port: number
  connections: number
  requests: number
  /** Path and query of the n-th request. */
  pathOf: (n: number) => string
  /** Throws where an answer is not the expected one. */
  check: (n: number, answer: Answer) => void
}

/** Requests a second. */
export async function httpLoad({ port, connections, requests, pathOf, check }: Load): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  let next = 0
  const startedMs = performance.now()
  try {
    await Promise.all(
      sockets.map(async (socket) => {
        for (let n = next++; n < requests; n = next++) check(n, await ask(socket, get(pathOf(n))))
      }),
    )
    return (requests / (performance.now() - startedMs)) * 1_000
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

const get = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n\r\n`

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket))
    socket.setNoDelay(true)
    socket.once("error", reject)
  })
}

/** One request, as it goes over the wire, on an open connection. */
export function ask(socket: Socket, request: string | Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = ""
    const end = (error: Error | null, answer?: Answer) => {
      socket.off("data", onData).off("close", onClose).off("error", onClose)
      if (answer) resolve(answer)
      else reject(error)
    }
    const onClose = () => end(new Error("the server closed the connection before it answered"))
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1")
      const answer = parse(text)
      if (answer) end(null, answer)
    }
    socket.on("data", onData).on("close", onClose).on("error", onClose)
    socket.write(request)
  })
}

/** The answer once all of it is there; by length or in chunks. */
function parse(text: string): Answer | null {
  const headEnd = text.indexOf("\r\n\r\n")
  if (headEnd < 0) return null
  const head = text.slice(0, headEnd).toLowerCase()
  const body = text.slice(headEnd + 4)
  const status = Number(head.slice(9, 12))
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
  if (length !== undefined) return body.length < Number(length) ? null : { status, body }
  if (!head.includes("transfer-encoding: chunked")) return { status, body }
  if (!body.endsWith("0\r\n\r\n")) return null
  let [rest, whole] = [body, ""]
  for (;;) {
    const lineEnd = rest.indexOf("\r\n")
    const size = Number.parseInt(rest.slice(0, lineEnd), 16)
    if (size === 0) return { status, body: whole }
    whole += rest.slice(lineEnd + 2, lineEnd + 2 + size)
    rest = rest.slice(lineEnd + 2 + size + 2)
  }
}
