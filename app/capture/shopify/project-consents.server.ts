import type pg from "pg"
import { setConsents } from "../../shop/consent.server.ts"
import type { HeldRecords } from "./held-record.ts"

/** What customers told the shop about mail and text messages → their consents. A deleted customer's go with them. */
export async function projectConsents(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
  source: "webhook" | "history" | "reconcile",
): Promise<void> {
  const words: Parameters<typeof setConsents>[2][number][] = []
  const withdrawn: string[] = []
  for (const { kind, beforeShopper, after, afterShopper } of records.values()) {
    if (kind !== "marketing_consent") continue
    const [channel, granted] = [after.fields.get("channel")?.value, after.fields.get("granted")]
    if (beforeShopper !== null && afterShopper === null) withdrawn.push(beforeShopper)
    if (afterShopper === null || granted === undefined || (channel !== "email" && channel !== "sms")) continue
    words.push({
      shopperId: BigInt(afterShopper),
      purpose: channel,
      granted: granted.value === true,
      versionMs: granted.atMs,
      source,
    })
  }
  if (words.length > 0) await setConsents(client, shopId, words)
  if (withdrawn.length > 0)
    await client.query(
      `DELETE FROM consents WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) AND purpose IN ('email', 'sms')`,
      [shopId, withdrawn],
    )
}
