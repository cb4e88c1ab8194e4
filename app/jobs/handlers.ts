import { expireInboxKeys } from "./expire-inbox-keys.ts"
import { processInbox } from "./process-inbox.ts"
import type { JobHandler } from "./queue.ts"
import { refreshDefaultSlates } from "./refresh-default-slates.ts"
import type { JobName } from "./timetable.ts"
import { runUpdateBaselines } from "./update-baselines.ts"
import { runUpdateFeatures } from "./update-features.ts"
import { runUpdateJourneys } from "./update-journeys.ts"

/** What each job does. A job is about one shop, and running it twice changes nothing. */
export const HANDLERS: Record<JobName, JobHandler> = {
  process_inbox: ({ shopId }) => processInbox(shopId),
  update_journeys: ({ shopId }) => runUpdateJourneys(shopId),
  update_baselines: ({ shopId }) => runUpdateBaselines(shopId),
  update_features: ({ shopId }) => runUpdateFeatures(shopId),
  refresh_default_slates: ({ shopId }) => refreshDefaultSlates(shopId),
  expire_inbox_keys: ({ shopId }) => expireInboxKeys(shopId, new Date()),
}
