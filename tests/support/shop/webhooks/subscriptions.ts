import { readFileSync } from "node:fs"
import { join } from "node:path"

const configuration = join(import.meta.dirname, "..", "..", "..", "..", "shopify.app.toml")

export type Subscriptions = {
  /** Topics that are sent, as their header has them. */
  topics: ReadonlySet<string>
  /** Where they are sent, below the app's address. */
  path: string
  apiVersion: string
}

/** What the app subscribes to by its shopify.app.toml: topics and compliance topics of its webhooks. */
export function readSubscriptions(file = configuration): Subscriptions {
  return parseSubscriptions(readFileSync(file, "utf8"))
}

/** Reads the few forms that such a file has: lists of quoted topics, one address, one version. */
export function parseSubscriptions(toml: string): Subscriptions {
  const text = toml.replaceAll(/^\s*#.*$/gm, "")
  const topics = new Set<string>()
  for (const [, list = ""] of text.matchAll(/^\s*(?:compliance_)?topics\s*=\s*\[([^\]]*)\]/gm))
    for (const [, topic = ""] of list.matchAll(/"([^"]+)"/g)) topics.add(topic)
  const addresses = new Set([...text.matchAll(/^\s*uri\s*=\s*"([^"]+)"/gm)].map(([, uri = ""]) => uri))
  if (addresses.size > 1)
    throw new Error(`Expected one address for all webhooks, found ${[...addresses].join(", ")}.`)
  const [path = "/webhooks"] = addresses
  const apiVersion = /^\s*api_version\s*=\s*"([^"]+)"/m.exec(text)?.[1] ?? "2026-07"
  return { topics, path, apiVersion }
}
