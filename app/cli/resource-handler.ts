import type { ActionFunction, LoaderFunction, ServerBuild } from "@remix-run/node"
import type { Response as ExpressResponse, RequestHandler } from "express"
import { toWebRequest, writeHead } from "./remix-handler.ts"

type Resource = { loader?: LoaderFunction; action?: ActionFunction }

/**
 * Routes at `/prefix` and below it that render no page, called as they stand. They are the storefront's, which waits
 * for them, and the webhooks': Remix's matching and its copies of request and answer would be a third of their time.
 */
export function resourceHandler(build: ServerBuild, prefix: string): RequestHandler {
  const resources = new Map<string, Resource>()
  for (const route of Object.values(build.routes))
    if (`${route?.path}/`.startsWith(`${prefix}/`) && route && !route.module.default)
      resources.set(`/${route.path}`, route.module as Resource)
  return async (incoming, outgoing, next) => {
    const below = incoming.path === "/" ? "" : incoming.path
    const resource = resources.get(incoming.baseUrl + below)
    if (!resource) return next()
    const answer = incoming.method === "GET" || incoming.method === "HEAD" ? resource.loader : resource.action
    if (!answer) return void outgoing.status(405).end()
    try {
      const request = toWebRequest(incoming, outgoing)
      await send((await answer({ request, params: {}, context: {} })) as Response, outgoing)
    } catch (error) {
      if (error instanceof Response) await send(error, outgoing)
      else next(error)
    }
  }
}

/** In one piece: such an answer is some hundred bytes. */
async function send(answer: Response, outgoing: ExpressResponse): Promise<void> {
  writeHead(answer, outgoing)
  outgoing.end(Buffer.from(await answer.arrayBuffer()))
}
