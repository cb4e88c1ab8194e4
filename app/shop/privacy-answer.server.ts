import { gunzipSync, gzipSync } from "node:zlib"
import type pg from "pg"
import { AppError } from "../errors.ts"
import { type Actor, logAccess } from "./access-log.server.ts"
import { open, type ShopKeys, seal } from "./keys.server.ts"
import { shopperKey, shopperKeys } from "./shopper-key.server.ts"

const answerPlace = (shopId: number, requestId: string) => `privacy_requests.answer/${shopId}/${requestId}`

/** Keeps the file for a person, sealed under their key: erasing them makes it unreadable too. */
export async function storeAnswer(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  answer: { requestId: string; shopperId: string; file: string },
): Promise<void> {
  const key = await shopperKey(client, shopId, keys, answer.shopperId)
  const sealed = seal(key, gzipSync(answer.file), answerPlace(shopId, answer.requestId))
  await client.query(
    `UPDATE privacy_requests SET state = 'ready', answer = $3, shopper_id = $4, subject = NULL
     WHERE shop_id = $1 AND request_id = $2`,
    [shopId, answer.requestId, sealed, answer.shopperId],
  )
}

/**
 * Opens the file for a person, and notes who did. The first time settles the request.
 * @throws AppError `not_found`
 */
export async function readAnswer(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  requestId: string,
  actor: Actor,
): Promise<string> {
  const { rows } = await client.query<{ shopper_id: string | null; answer: Buffer | null }>(
    `SELECT shopper_id, answer FROM privacy_requests WHERE shop_id = $1 AND request_id = $2 AND kind = 'data_request'`,
    [shopId, requestId],
  )
  const [row] = rows
  const key =
    row?.shopper_id && (await shopperKeys(client, shopId, keys, [row.shopper_id])).get(row.shopper_id)
  if (!row?.answer || !row.shopper_id || !key)
    throw new AppError(
      "not_found",
      "Expected a file for this request; there is none. It is not made yet, was kept for its time, or the person was erased.",
    )
  await logAccess(client, shopId, { actor, action: "read_data_request", shopperId: row.shopper_id })
  await client.query(
    `UPDATE privacy_requests SET state = 'done', done_at = now()
     WHERE shop_id = $1 AND request_id = $2 AND state = 'ready'`,
    [shopId, requestId],
  )
  return gunzipSync(open(key, row.answer, answerPlace(shopId, requestId))).toString("utf8")
}
