import { processPending } from "../capture/inbox.server.ts"

const BATCH = 200

/** Works off the deliveries that are due, batch by batch. What fails here is tried again by its own row. */
export async function processInbox(shopId: number): Promise<void> {
  for (;;) {
    const { done, dropped, retry, dead, skipped } = await processPending(shopId, BATCH)
    const taken = done + dropped + retry + dead
    // What was skipped is in another worker's hands: alone it is no reason to look again.
    if (taken === 0 || taken + skipped < BATCH) return
  }
}
