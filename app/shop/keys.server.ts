/**
 * Envelope encryption. App key (environment) wraps a key for each shop; the shop's key wraps one for each shopper
 * and one for each day of the inbox. AES-256-GCM throughout (NIST SP 800-38D) with a random 96-bit nonce, and the
 * place of a value (shop, table, row) as associated data, so that a sealed value moved elsewhere does not open.
 * Destroying a shopper's key makes everything sealed under it unreadable (crypto-shredding).
 * Look-ups go through a blind index: HMAC-SHA256 under a key derived (HKDF, RFC 5869) from the shop's key.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto"
import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const KEY_BYTES = 32

/** Node takes raw bytes too, at six times the cost of a cipher made from a key object. */
function asKeyObject(key: Uint8Array | KeyObject): KeyObject {
  return key instanceof Uint8Array ? createSecretKey(key) : key
}

let nonces = Buffer.alloc(0)

/** Random bytes, each used once, drawn many at a time: a system call for each costs as much as the cipher. */
function freshNonce(): Buffer {
  if (nonces.length < NONCE_BYTES) nonces = randomBytes(NONCE_BYTES * 256)
  const nonce = nonces.subarray(0, NONCE_BYTES)
  nonces = nonces.subarray(NONCE_BYTES)
  return nonce
}

/** nonce (12) ‖ tag (16) ‖ ciphertext */
export function seal(key: Uint8Array | KeyObject, plain: Uint8Array | string, place: string): Buffer {
  const nonce = freshNonce()
  const cipher = createCipheriv("aes-256-gcm", asKeyObject(key), nonce).setAAD(Buffer.from(place))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** @throws AppError `internal` where the key, the place or a byte is not the one it was sealed with. */
export function open(key: Uint8Array, sealed: Uint8Array, place: string): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", asKeyObject(key), sealed.subarray(0, NONCE_BYTES))
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new AppError(
      "internal",
      `A sealed value of ${place} does not open: wrong key, wrong place or damaged.`,
      { cause },
    )
  }
}

/** The keys that a shop's work needs, derived from its one stored key. */
export type ShopKeys = {
  /** Wraps shopper keys and inbox keys. */
  wrap: Uint8Array
  /** Keys the blind index of identities. */
  blind: Uint8Array
}

function derive(shopKey: Uint8Array): ShopKeys {
  const part = (purpose: string) =>
    new Uint8Array(hkdfSync("sha256", shopKey, "throughline", purpose, KEY_BYTES))
  return { wrap: part("wrap"), blind: part("blind") }
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** The same key in the form that Node uses as it is: raw bytes are set up anew at each use, at four times the cost. */
function keyObject(key: Uint8Array): KeyObject {
  const made = keyObjects.get(key) ?? asKeyObject(key)
  keyObjects.set(key, made)
  return made
}

/** 16 bytes that stand for a name: the same name in the same shop gives the same bytes, and says nothing else. */
export function blindIndex(keys: ShopKeys, kind: string, name: string): Buffer {
  return createHmac("sha256", keyObject(keys.blind)).update(`${kind}\u0000${name}`).digest().subarray(0, 16)
}

type AppKey = { id: string; key: Buffer }

/** The app's keys, newest first. */
export function appKeys(): AppKey[] {
  return env()
    .THROUGHLINE_KEYS.split(",")
    .map((entry) => {
      const [id = "", key = ""] = entry.split(":")
      return { id, key: Buffer.from(key, "base64") }
    })
}

/** Place (associated data) of a wrapped shop key. */
export const shopKeyPlace = (shopId: number) => `vault.shop_keys/${shopId}`

const KEPT_SHOPS = 1_000
const kept = new Map<number, ShopKeys>()

/** The shop's keys, made at first use. Kept in memory for the shops used last. */
export async function shopKeys(shopId: number): Promise<ShopKeys> {
  const known = kept.get(shopId)
  if (known) return known
  const keys = derive(await withShopSql(shopId, (client) => loadOrMakeShopKey(client, shopId)))
  if (kept.size >= KEPT_SHOPS) kept.delete(kept.keys().next().value ?? shopId)
  kept.set(shopId, keys)
  return keys
}

async function loadOrMakeShopKey(client: pg.PoolClient, shopId: number): Promise<Buffer> {
  const [current] = appKeys()
  if (!current) throw new AppError("bad_configuration", "THROUGHLINE_KEYS holds no key.")
  const fresh = seal(current.key, randomBytes(KEY_BYTES), shopKeyPlace(shopId))
  await client.query(
    "INSERT INTO vault.shop_keys (shop_id, app_key_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT (shop_id) DO NOTHING",
    [shopId, current.id, fresh],
  )
  const { rows } = await client.query<{ app_key_id: string; wrapped: Buffer }>(
    "SELECT app_key_id, wrapped FROM vault.shop_keys WHERE shop_id = $1",
    [shopId],
  )
  const [row] = rows
  const wrapping = appKeys().find((entry) => entry.id === row?.app_key_id)
  if (!row || !wrapping)
    throw new AppError(
      "bad_configuration",
      `Shop ${shopId} is sealed under app key "${row?.app_key_id}", which THROUGHLINE_KEYS does not hold. Add it after the current one.`,
    )
  return open(wrapping.key, row.wrapped, shopKeyPlace(shopId))
}

const shopperKeyPlace = (shopId: number, shopperId: bigint) => `vault.shopper_keys/${shopId}/${shopperId}`

/** A new key for a shopper, plain and wrapped; the caller stores the wrapped one in vault.shopper_keys. */
export function newShopperKey(
  keys: ShopKeys,
  shopId: number,
  shopperId: bigint,
): { key: Buffer; wrapped: Buffer } {
  const key = randomBytes(KEY_BYTES)
  return { key, wrapped: seal(keyObject(keys.wrap), key, shopperKeyPlace(shopId, shopperId)) }
}

/** The key inside a row of vault.shopper_keys. */
export function unwrapShopperKey(
  keys: ShopKeys,
  shopId: number,
  shopperId: bigint,
  wrapped: Uint8Array,
): Buffer {
  return open(keys.wrap, wrapped, shopperKeyPlace(shopId, shopperId))
}

/** The key of the shop's deliveries of one day (UTC, YYYY-MM-DD), made at first use. */
export async function inboxKey(
  client: pg.PoolClient,
  keys: ShopKeys,
  shopId: number,
  day: string,
): Promise<Buffer> {
  const place = `vault.inbox_keys/${shopId}/${day}`
  const read = () =>
    client.query<{ wrapped: Buffer }>(
      "SELECT wrapped FROM vault.inbox_keys WHERE shop_id = $1 AND day = $2",
      [shopId, day],
    )
  let [row] = (await read()).rows
  if (!row) {
    await client.query(
      "INSERT INTO vault.inbox_keys (shop_id, day, wrapped) VALUES ($1, $2, $3) ON CONFLICT (shop_id, day) DO NOTHING",
      [shopId, day, seal(keys.wrap, randomBytes(KEY_BYTES), place)],
    )
    row = (await read()).rows[0]
  }
  if (!row) throw new AppError("internal", `No inbox key for ${place}.`)
  return open(keys.wrap, row.wrapped, place)
}
