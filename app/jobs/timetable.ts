import type { Timetable } from "./schedules.server.ts"

/**
 * The app's jobs, and how often each runs for each shop where nothing gives it sooner. Those that people's rights need
 * go on after an uninstall, until the shop is erased.
 */
export const TIMETABLE = {
  // A delivery is processed as it comes where that can be; this finds what was left behind.
  process_inbox: { everyMs: 5_000, afterUninstall: true },
  // Made due by an installation; what is left of a run goes on at once.
  import_history: { everyMs: 60_000 },
  fetch_wanted: { everyMs: 30_000 },
  reconcile: { everyMs: 24 * 3_600_000 },
  update_journeys: { everyMs: 60_000 },
  update_baselines: { everyMs: 3_600_000 },
  update_features: { everyMs: 24 * 3_600_000 },
  refresh_default_slates: { everyMs: 3_600_000 },
  // Made due as a request comes in.
  settle_privacy_requests: { everyMs: 60_000, afterUninstall: true },
  expire_data: { everyMs: 6 * 3_600_000, afterUninstall: true },
} as const satisfies Timetable

export type JobName = keyof typeof TIMETABLE
