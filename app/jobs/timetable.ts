import type { Timetable } from "./schedules.server.ts"

/** The app's jobs, and how often each runs for each shop where nothing gives it sooner. */
export const TIMETABLE = {
  // A delivery is processed as it comes where that can be; this finds what was left behind.
  process_inbox: { everyMs: 5_000 },
  update_journeys: { everyMs: 60_000 },
  update_baselines: { everyMs: 3_600_000 },
  update_features: { everyMs: 24 * 3_600_000 },
  refresh_default_slates: { everyMs: 3_600_000 },
  expire_inbox_keys: { everyMs: 6 * 3_600_000 },
} as const satisfies Timetable

export type JobName = keyof typeof TIMETABLE
