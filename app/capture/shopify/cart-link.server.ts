import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"

/**
 * What stands for a cart's or a checkout's token, which would open it: a keyed hash, in hex. It is the key of the
 * cart's record and, as a uuid, the link (journey/joins.ts) of everyone who was met with it: the browser that filled
 * the cart and the person who ordered it. Shopify appends a key to the token in some places (`TOKEN?key=…`) and
 * leaves it out in others.
 */
export function tokenKey(keys: ShopKeys, kind: "cart" | "checkout", token: string): string {
  return blindIndex(keys, kind, token.split("?", 1)[0] ?? token).toString("hex")
}

/** The link of everyone who was met with this cart. */
export function cartLink(keys: ShopKeys, token: string): string {
  return linkOf(tokenKey(keys, "cart", token))
}

/** 32 hex digits as the database writes a uuid. */
export function linkOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
