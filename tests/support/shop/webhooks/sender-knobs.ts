/** How the way to the app behaves. All of it may be turned while the sender runs. */
export type SenderKnobs = {
  /** Share of messages that come twice, with the same webhook id. */
  duplicateShare: number
  /** Share of messages that come late, by up to `lateMs`. */
  lateShare: number
  lateMs: number
  /** Share of messages that never come. */
  lossShare: number
  /** Whether what is ready goes out in any order, instead of the order of happening. */
  shuffle: boolean
  /** How much faster than the clock on the wall late messages and retries come: 60 makes a minute a second. */
  speed: number
  /** Requests at once. */
  concurrency: number
  seed: number
}

export const CALM: SenderKnobs = {
  duplicateShare: 0,
  lateShare: 0,
  lateMs: 0,
  lossShare: 0,
  shuffle: false,
  speed: 1,
  concurrency: 8,
  seed: 1,
}
