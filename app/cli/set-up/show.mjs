/** What a person sees while things are set up: one line a step on standard error. */

const REDRAW_MS = 200
const LINE_EVERY_MS = 5_000
const BAR_WIDTH = 24

/** Ends the set-up with a message for a person: what was expected, what came, and the remedy. */
export class SetUpError extends Error {}

export function say(text) {
  process.stderr.write(`${text}\n`)
}

/**
 * Shows that a step goes on until `work` settles: a bar that redraws itself in a terminal, a line each few seconds
 * elsewhere. `share` gives the part that is done (0–1), or null where nobody knows.
 */
export async function withProgress(label, share, work) {
  const terminal = process.stderr.isTTY
  const startedMs = Date.now()
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`
  const show = (text) => process.stderr.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`)
  const line = () => {
    const done = share()
    return done === null ? `${label} … ${seconds()}` : `${label} ${bar(done)} ${seconds()}`
  }
  show(`${label} …`)
  const timer = setInterval(() => show(line()), terminal ? REDRAW_MS : LINE_EVERY_MS)
  let mark = "✗"
  try {
    const result = await work()
    mark = "✓"
    return result
  } finally {
    clearInterval(timer)
    show(`${mark} ${label} (${seconds()})`)
    if (terminal) process.stderr.write("\n")
  }
}

function bar(share) {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH)
  return `[${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}] ${Math.floor(Math.min(1, share) * 100)} %`
}
