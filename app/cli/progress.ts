/** A progress bar on standard error: one line that redraws itself in a terminal, a line each few seconds elsewhere. */

export type Progress = {
  /** @param total null while it is not known. */
  update(done: number, total: number | null, note?: string): void
  end(note?: string): void
}

const BAR_WIDTH = 24
const REDRAW_MS = 100
const LINE_EVERY_MS = 5_000

export function startProgress(label: string): Progress {
  const terminal = process.stderr.isTTY
  const startedMs = Date.now()
  let shownMs = 0
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`
  const show = (text: string) => process.stderr.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`)
  show(`${label} …`)
  return {
    update(done, total, note = "") {
      if (Date.now() - shownMs < (terminal ? REDRAW_MS : LINE_EVERY_MS)) return
      shownMs = Date.now()
      show(`${label} ${progressBar(done, total)} ${note}`.trimEnd())
    },
    end(note = "") {
      show(`✓ ${label}${note ? `: ${note}` : ""} (${seconds()})`)
      if (terminal) process.stderr.write("\n")
    },
  }
}

/** `[████████░░░░] 67 %`, or a plain count while the total is not known. */
export function progressBar(done: number, total: number | null): string {
  if (total === null || total <= 0) return done.toLocaleString("en")
  const share = Math.min(1, done / total)
  const full = Math.round(share * BAR_WIDTH)
  return `[${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}] ${Math.floor(share * 100)} %`
}
