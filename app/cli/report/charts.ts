/** Pictures of the report as inline SVG: no script, no font and no colour from elsewhere. */
import { escapeHtml } from "./html.ts"
import { shortened } from "./lines.ts"
import type { Picture } from "./picture.ts"

const WIDTH = 420
const HEIGHT = 270
const LEFT = 46
const RIGHT = 18 // half a label
const TOP = 10
const BOTTOM = 44
const COLOURS = 6
/** From this ratio on a line's beginning would be crowded into the axis. */
const LOG_RATIO = 20

type Scale = { place(value: number): number; ticks: number[]; label(value: number): string }

export function pictureFigure(picture: Picture): string {
  const isBars = picture.kind === "importance"
  const drawn = isBars ? horizontalBars(picture) : chart(picture)
  const unit = picture.y === "" ? "" : `<p class="unit">${escapeHtml(picture.y)}</p>`
  return `<figure><h3>${escapeHtml(picture.title)}</h3>${unit}${drawn}${isBars ? "" : legend(picture)}${
    picture.note === "" ? "" : `<figcaption>${escapeHtml(picture.note)}</figcaption>`
  }</figure>`
}

function legend({ series }: Picture): string {
  const entries = series.map(
    ({ name }, index) => `<span style="--colour:${colour(index)}">${escapeHtml(name)}</span>`,
  )
  return `<div class="legend">${entries.join("")}</div>`
}

function colour(index: number): string {
  return `var(--s${(index % COLOURS) + 1})`
}

function chart(picture: Picture): string {
  const points = picture.series.flatMap((series) => series.points)
  if (points.length === 0) return `<p class="quiet">Nothing to draw.</p>`
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const fromZero = picture.kind === "deciles" || picture.kind === "calibration"
  const isLog = picture.kind === "scaling" || picture.kind === "learning"
  if (picture.kind === "deciles") {
    const band = bands(xs)
    const y = scale(ys, HEIGHT - BOTTOM, TOP, { isLog: false, fromZero })
    return svg(picture, WIDTH, HEIGHT, `${axes(picture, band, y)}${columns(picture, band, y)}`)
  }
  const x = scale(xs, LEFT, WIDTH - RIGHT, { isLog, fromZero: picture.kind === "calibration" })
  const y = scale(ys, HEIGHT - BOTTOM, TOP, { isLog: false, fromZero })
  const diagonal = picture.kind === "calibration" ? perfect(xs, ys, x, y) : ""
  return svg(picture, WIDTH, HEIGHT, `${axes(picture, x, y)}${diagonal}${lines(picture, x, y)}`)
}

function svg(picture: Picture, width: number, height: number, inside: string): string {
  const label = escapeHtml(`${picture.title}: ${picture.y} by ${picture.x}`)
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${inside}</svg>`
}

function lines({ series }: Picture, x: Scale, y: Scale): string {
  return series
    .map(({ points }, index) => {
      const ordered = [...points].sort(([a], [b]) => a - b)
      const path = ordered.map(([px, py]) => `${round(x.place(px))},${round(y.place(py))}`).join(" ")
      const dots =
        ordered.length > 30
          ? ""
          : ordered
              .map(
                ([px, py]) =>
                  `<circle cx="${round(x.place(px))}" cy="${round(y.place(py))}" r="3" fill="${colour(index)}"/>`,
              )
              .join("")
      return `<polyline points="${path}" fill="none" stroke="${colour(index)}" stroke-width="2"/>${dots}`
    })
    .join("")
}

type Bands = Scale & { width: number }

/** Places side by side, one a value, whatever lies between the values. */
function bands(values: readonly number[]): Bands {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  const width = (WIDTH - LEFT - RIGHT) / Math.max(1, ticks.length)
  return { place: (value) => LEFT + (ticks.indexOf(value) + 0.5) * width, ticks, label: compact, width }
}

function columns({ series }: Picture, x: Bands, y: Scale): string {
  const room = x.width * 0.8
  const width = room / series.length
  return series
    .map(({ points }, index) =>
      points
        .map(([px, py]) => {
          const left = x.place(px) - room / 2 + index * width
          const [top, bottom] = [y.place(Math.max(0, py)), y.place(Math.min(0, py))]
          return `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(Math.max(0, bottom - top))}" fill="${colour(index)}"/>`
        })
        .join(""),
    )
    .join("")
}

function perfect(xs: readonly number[], ys: readonly number[], x: Scale, y: Scale): string {
  const end = Math.min(Math.max(...xs), Math.max(...ys))
  return `<line x1="${round(x.place(0))}" y1="${round(y.place(0))}" x2="${round(x.place(end))}" y2="${round(y.place(end))}" stroke="var(--quiet)" stroke-dasharray="4 4"/>`
}

function axes(picture: Picture, x: Scale, y: Scale): string {
  const bottom = HEIGHT - BOTTOM
  const across = y.ticks.map((tick) => {
    const at = round(y.place(tick))
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="var(--line)"/><text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${y.label(tick)}</text>`
  })
  const along = x.ticks.map(
    (tick) =>
      `<text x="${round(x.place(tick))}" y="${bottom + 16}" text-anchor="middle">${x.label(tick)}</text>`,
  )
  return `${across.join("")}${along.join("")}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(picture.x)}</text>`
}

function scale(
  values: readonly number[],
  from: number,
  to: number,
  { isLog, fromZero }: { isLog: boolean; fromZero: boolean },
): Scale {
  const least = fromZero ? Math.min(0, ...values) : Math.min(...values)
  const most = Math.max(...values)
  if (isLog && least > 0 && most / least >= LOG_RATIO) return logScale(least, most, from, to)
  const room = most > least ? most - least : Math.abs(most) || 1
  const step = niceStep(room / 4)
  const low = Math.floor(least / step + 1e-9) * step
  const high = Math.max(low + step, Math.ceil(most / step - 1e-9) * step)
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step)
  return {
    place: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks,
    label: tickLabel(step),
  }
}

function logScale(least: number, most: number, from: number, to: number): Scale {
  const [low, high] = [Math.log10(least), Math.log10(most)]
  const powers = Array.from(
    { length: Math.floor(high) - Math.ceil(low) + 1 },
    (_, k) => 10 ** (Math.ceil(low) + k),
  )
  const ticks = powers.length >= 2 ? powers : [least, most]
  return {
    place: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks,
    label: compact,
  }
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const times = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10
  return times * power
}

function tickLabel(step: number): (value: number) => string {
  const digits = Math.max(
    0,
    Math.ceil(-Math.log10(step) - 1e-9) + (/^25/.test(step.toExponential().replace(".", "")) ? 1 : 0),
  )
  return (value) => (Math.abs(value) >= 10_000 ? compact(value) : value.toFixed(digits))
}

function compact(value: number): string {
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 })
}

const BAR_HEIGHT = 20
const MOST_BARS = 20
const MOST_LABEL = 25

/** One bar a series (its first point's height), longest first. */
function horizontalBars(picture: Picture): string {
  const bars = picture.series
    .flatMap(({ name, points }) => (points[0] === undefined ? [] : [{ name, value: points[0][1] }]))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_BARS)
  if (bars.length === 0) return `<p class="quiet">Nothing to draw.</p>`
  const names = 190
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const digits = Math.min(6, Math.max(0, 4 - Math.ceil(Math.log10(most))))
  const label = (value: number) => {
    const text = value.toFixed(digits)
    return Number(text) === 0 ? "0" : text.replace("-", "−")
  }
  const rows = bars.map(({ name, value }, index) => {
    const y = index * BAR_HEIGHT
    const width = (Math.max(0, value) / most) * (WIDTH - names - 60)
    return `<text x="${names - 8}" y="${y + 14}" text-anchor="end">${escapeHtml(shortened(name, MOST_LABEL))}</text><rect x="${names}" y="${y + 4}" width="${round(width)}" height="${BAR_HEIGHT - 8}" fill="var(--s1)"/><text x="${round(names + width + 6)}" y="${y + 14}">${label(value)}</text>`
  })
  return svg(picture, WIDTH, bars.length * BAR_HEIGHT, rows.join(""))
}

export type Interval = { value: number; low: number; high: number }

/** Intervals of several rows on one scale, one small picture each; `zero` draws the line of no difference. */
export function intervalBars(intervals: readonly (Interval | null)[], zero = false): string[] {
  const known = intervals.filter((one) => one !== null)
  const least = Math.min(...known.map(({ low }) => low), ...(zero ? [0] : []))
  const most = Math.max(...known.map(({ high }) => high), ...(zero ? [0] : []))
  const room = most - least || 1
  const place = (value: number) => round(4 + ((value - least) / room) * 192)
  const line = zero
    ? `<line x1="${place(0)}" x2="${place(0)}" y1="0" y2="18" stroke="var(--quiet)" stroke-dasharray="2 2"/>`
    : ""
  return intervals.map((one) =>
    one === null
      ? ""
      : `<svg class="bar" viewBox="0 0 200 18" preserveAspectRatio="none" aria-hidden="true">${line}<line x1="${place(one.low)}" x2="${place(one.high)}" y1="9" y2="9" stroke="var(--s1)" stroke-width="3" stroke-opacity=".45"/><circle cx="${place(one.value)}" cy="9" r="4" fill="var(--s1)"/></svg>`,
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
