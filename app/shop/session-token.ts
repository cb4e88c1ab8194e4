import { createHmac, timingSafeEqual } from "node:crypto"

/**
 * Whether a session token's signature is of this secret, to choose which secret the library is to check all of it
 * with. HS256 (RFC 7515) over the two parts before the signature.
 */
export function isSignedUnder(token: string, secret: string): boolean {
  const end = token.lastIndexOf(".")
  if (end < 0) return false
  const expected = createHmac("sha256", secret).update(token.slice(0, end)).digest()
  const given = Buffer.from(token.slice(end + 1), "base64url")
  return given.length === expected.length && timingSafeEqual(given, expected)
}
