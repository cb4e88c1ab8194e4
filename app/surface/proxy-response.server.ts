import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"

/** Answers are JSON and nothing else: Shopify evaluates other types, and a browser would guess at them. */
const HEADERS = {
  "Content-Type": "application/json; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
}

export function proxyJson(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: HEADERS })
}

/** A refusal that a developer can read; what is no AppError is for the log, not for the visitor. */
export function proxyRefusal(error: AppError): Response {
  return proxyJson(error.status, { error: error.code, message: error.message })
}

/** Runs a storefront route: what is refused or breaks is answered as JSON too, and what breaks is logged. */
export async function answerProxy(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError && error.code !== "internal") return proxyRefusal(error)
    const { name, code } = error as NodeJS.ErrnoException
    log.error({ error: name, code }, "a storefront request failed")
    return proxyRefusal(
      new AppError(
        "unavailable",
        "Expected to answer, but something broke here; the storefront shows its default.",
      ),
    )
  }
}
