export function gid(type: string, id: string): string {
  return `gid://shopify/${type}/${id}`
}

export type ParsedGid = { type: string; id: string; query: URLSearchParams }

/** Null for what is no gid. */
export function parseGid(value: unknown): ParsedGid | null {
  const match = /^gid:\/\/shopify\/(\w+)\/([^?]+)(?:\?(.*))?$/.exec(String(value))
  return match
    ? { type: match[1] ?? "", id: match[2] ?? "", query: new URLSearchParams(match[3] ?? "") }
    : null
}
