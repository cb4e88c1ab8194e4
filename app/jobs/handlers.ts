import { expireData } from "./expire-data.ts"
import { runFetchWanted } from "./fetch-wanted.ts"
import { runImportHistory } from "./import-history.ts"
import { processInbox } from "./process-inbox.ts"
import { reconcileShop } from "./reconcile.ts"
import { refreshDefaultSlates } from "./refresh-default-slates.ts"
import type { JobWork } from "./run-job.server.ts"
import { settlePrivacyRequests } from "./settle-privacy-requests.ts"
import type { JobName } from "./timetable.ts"
import { runUpdateBaselines } from "./update-baselines.ts"
import { runUpdateFeatures } from "./update-features.ts"
import { runUpdateJourneys } from "./update-journeys.ts"

/** What each job does. A job is about one shop, and running it twice changes nothing. */
export const HANDLERS: Record<JobName, JobWork> = {
  process_inbox: ({ shopId }) => processInbox(shopId),
  import_history: ({ shopId }) => runImportHistory(shopId),
  fetch_wanted: ({ shopId }) => runFetchWanted(shopId),
  reconcile: ({ shopId }) => reconcileShop(shopId),
  update_journeys: ({ shopId }) => runUpdateJourneys(shopId),
  update_baselines: ({ shopId }) => runUpdateBaselines(shopId),
  update_features: ({ shopId }) => runUpdateFeatures(shopId),
  refresh_default_slates: ({ shopId }) => refreshDefaultSlates(shopId),
  settle_privacy_requests: ({ shopId }) => settlePrivacyRequests(shopId, new Date()),
  expire_data: ({ shopId }) => expireData(shopId, new Date()),
}
