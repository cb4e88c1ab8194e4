import { env } from "../env.server.ts"
import { log } from "../log.server.ts"

/**
 * Ends this process well: `drain` finishes what was begun and writes what is held, within DRAIN_SECONDS. What is cut
 * off after that is run again: handlers are idempotent. A second signal ends at once.
 */
export function endOnSignal(drain: () => Promise<void>): void {
  let ending = false
  const end = (signal: string) => {
    if (ending) process.exit(1)
    ending = true
    log.info({ signal }, "ending")
    setTimeout(() => {
      log.error("not done within DRAIN_SECONDS")
      process.exit(1)
    }, env().DRAIN_SECONDS * 1_000).unref()
    drain().then(
      () => process.exit(0),
      (error: Error) => {
        log.error({ error: error.name }, "did not end well")
        process.exit(1)
      },
    )
  }
  process.on("SIGTERM", end)
  process.on("SIGINT", end)
  // Started by a command of ours that was killed: nobody is left who would end it.
  process.once("disconnect", () => end("parent gone"))
}
