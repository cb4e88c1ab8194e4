import { appDown } from "./app-down.ts"
import type { Fault } from "./fault.ts"
import { forgedProxy } from "./forged-proxy.ts"
import { forgedWebhooks } from "./forged-webhooks.ts"
import { lateWebhooks } from "./late-webhooks.ts"
import { oddPayloads } from "./odd-payloads.ts"
import { poisonDelivery } from "./poison-delivery.ts"
import { postgresKilled } from "./postgres-killed.ts"
import { redisLost } from "./redis-lost.ts"
import { sameId } from "./same-id.ts"
import { twoShops } from "./two-shops.ts"
import { workerKilled } from "./worker-killed.ts"

/** The faults, in the order of their numbers. */
export const FAULTS: readonly Fault[] = [
  workerKilled,
  poisonDelivery,
  postgresKilled,
  redisLost,
  lateWebhooks,
  sameId,
  appDown,
  forgedWebhooks,
  forgedProxy,
  twoShops,
  oddPayloads,
]
