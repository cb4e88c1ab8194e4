import { env } from "../env.server.ts"
import { openBullQueue } from "./bull-queue.server.ts"
import { openGraphileQueue } from "./graphile-queue.server.ts"
import type { Queue } from "./queue.ts"

let held: Queue | undefined

/** This process's queue: on Redis where REDIS_URL is set, on PostgreSQL otherwise. */
export function jobQueue(): Queue {
  const { REDIS_URL, DATABASE_URL } = env()
  held ??= REDIS_URL ? openBullQueue(REDIS_URL) : openGraphileQueue(DATABASE_URL)
  return held
}

export async function closeQueue(): Promise<void> {
  const closing = held
  held = undefined
  await closing?.close()
}
