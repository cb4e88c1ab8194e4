import type { ServerBuild } from "@remix-run/node"
import { matchRoutes } from "@remix-run/react"

export const NO_ROUTE = "none"
export const ASSETS = "/assets/*"

/** Says which route pattern (`/journey/:id`) answers a path: a closed set, fit for logs and labels. */
export function routePatterns(build: ServerBuild): (path: string) => string {
  const tree = childrenOf(build, undefined)
  return (path) => {
    if (path.startsWith("/assets/")) return ASSETS
    if (!isDecodable(path)) return NO_ROUTE
    const data = path.endsWith(".data")
    const page = data ? path.slice(0, -".data".length).replace(/^\/_root$/, "/") : path
    // The root route alone, without a page inside it, is no answer.
    const matches = matchRoutes(tree, page)
    if (!matches || matches.length < 2) return NO_ROUTE
    const parts = matches.flatMap((match) => match.route.path || [])
    return `/${parts.join("/")}${data ? ".data" : ""}`
  }
}

type RouteObject = Parameters<typeof matchRoutes>[0][number]

function childrenOf(build: ServerBuild, parent: string | undefined): RouteObject[] {
  return Object.values(build.routes)
    .filter((route) => route?.parentId === parent)
    .flatMap((route) => {
      if (!route) return []
      return route.index
        ? { id: route.id, index: true as const }
        : { id: route.id, path: route.path, children: childrenOf(build, route.id) }
    })
}

/** The matcher prints a path that it cannot decode; anyone can send such ones. */
function isDecodable(path: string): boolean {
  try {
    decodeURI(path)
    return true
  } catch {
    return false
  }
}
