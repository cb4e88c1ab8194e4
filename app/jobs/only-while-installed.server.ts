import { withShopSql } from "../db.server.ts"
import { isInstalled } from "../shop/app-life.server.ts"
import type { JobWork } from "./run-job.server.ts"

/** A job that waited in the queue while the app left the shop does nothing. */
export function onlyWhileInstalled(work: JobWork): JobWork {
  return async (given) => {
    const installed = await withShopSql(given.shopId, (client) => isInstalled(client, given.shopId))
    return installed ? ((await work(given)) ?? undefined) : undefined
  }
}
