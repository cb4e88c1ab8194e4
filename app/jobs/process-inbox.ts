import { processPending } from "../capture/work-inbox.server.ts"

const BATCH = 1_000

/** Works off the deliveries that are due, batch by batch. What fails here is tried again by its own row. */
export async function processInbox(shopId: number): Promise<void> {
  for (;;) {
    const { done, dropped, retry, dead } = await processPending(shopId, BATCH)
    // What was skipped is in another worker's hands: alone it is no reason to look again.
    if (done + dropped + retry + dead === 0) return
  }
}
