import { COLOURS } from "../catalogue/palette.ts"
import type { DemoProduct, Look } from "../catalogue/product.ts"
import { makeRandom, type Random } from "../random.ts"

/**
 * Drawing by hand in SVG: solids of revolution from a profile, cloth and paper from paths, light from the upper
 * left. A picture is 400 by 400; what stands, stands on y = FLOOR.
 */
export const SIZE = 400
export const FLOOR = 332

export type Canvas = {
  look: Look
  /** Unique within a page, so that many pictures can stand inline in one document. */
  prefix: string
  defs: string[]
  random: Random
  main: string
  accent: string
}

export function makeCanvas(product: Pick<DemoProduct, "item" | "look">): Canvas {
  return {
    look: product.look,
    prefix: product.item.toLowerCase().replace("-", ""),
    defs: [],
    random: makeRandom(`image|${product.item}`),
    main: COLOURS[product.look.colour].hex,
    accent: COLOURS[product.look.accent].hex,
  }
}

/** Registers a definition and returns its id. */
export function define(canvas: Canvas, make: (id: string) => string): string {
  const at = canvas.defs.push("") - 1
  const id = `${canvas.prefix}-${at}`
  canvas.defs[at] = make(id)
  return id
}

const channels = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number]

/** Mixes two colours: 0 gives `a`, 1 gives `b`. */
export function mix(a: string, b: string, share: number): string {
  const from = channels(a)
  const to = channels(b)
  return `#${from
    .map((value, i) =>
      Math.round(value + ((to[i] ?? 0) - value) * share)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`
}

export const darker = (hex: string, share: number) => mix(hex, "#1d1612", share)
export const lighter = (hex: string, share: number) => mix(hex, "#ffffff", share)

/** Relative luminance, 0 black to 1 white. */
export function luminance(hex: string): number {
  const [r, g, b] = channels(hex)
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255
}

export const n = (value: number) => String(Math.round(value * 10) / 10)

export type Profile = readonly (readonly [y: number, radius: number])[]
/** Height of an ellipse seen from slightly above, relative to its width. */
export const TILT = 0.14

/** Smooth curve through points (Catmull–Rom as cubic Béziers), continuing from the first point. */
export function smooth(points: readonly (readonly [number, number])[]): string {
  let d = ""
  for (let i = 0; i < points.length - 1; i++) {
    const p1 = points[i] ?? [0, 0]
    const p2 = points[i + 1] ?? p1
    const p0 = points[i - 1] ?? p1
    const p3 = points[i + 2] ?? p2
    d += ` C ${n(p1[0] + (p2[0] - p0[0]) / 6)} ${n(p1[1] + (p2[1] - p0[1]) / 6)} ${n(p2[0] - (p3[0] - p1[0]) / 6)} ${n(p2[1] - (p3[1] - p1[1]) / 6)} ${n(p2[0])} ${n(p2[1])}`
  }
  return d
}

/** Outline of a solid of revolution around x = cx, from its profile top to bottom. */
export function lathe(cx: number, profile: Profile): string {
  const right = profile.map(([y, r]) => [cx + r, y] as const)
  const left = profile.map(([y, r]) => [cx - r, y] as const).reverse()
  const [topY, topR] = profile[0] ?? [0, 0]
  const [, bottomR] = profile[profile.length - 1] ?? [0, 0]
  const [lx, ly] = left[0] ?? [0, 0]
  return `M ${n(cx + topR)} ${n(topY)}${smooth(right)} A ${n(bottomR)} ${n(bottomR * TILT)} 0 0 1 ${n(lx)} ${n(ly)}${smooth(left)} A ${n(topR)} ${n(topR * TILT)} 0 0 1 ${n(cx + topR)} ${n(topY)} Z`
}

export type Box = { x: number; y: number; w: number; h: number }

export function latheBox(cx: number, profile: Profile): Box {
  const radius = Math.max(...profile.map(([, r]) => r))
  const [top, topR] = profile[0] ?? [0, 0]
  const [bottom, bottomR] = profile[profile.length - 1] ?? [0, 0]
  return {
    x: cx - radius,
    y: top - topR * TILT,
    w: 2 * radius,
    h: bottom + bottomR * TILT - top + topR * TILT,
  }
}

type Light = "round" | "flat" | "cloth" | "glass"

function lightLayer(canvas: Canvas, light: Light): string {
  const stops: Record<Light, readonly (readonly [number, string, number])[]> = {
    round: [
      [0, "#1d1612", 0.16],
      [0.14, "#ffffff", 0.05],
      [0.3, "#ffffff", 0.24],
      [0.5, "#ffffff", 0],
      [0.8, "#1d1612", 0.14],
      [1, "#1d1612", 0.3],
    ],
    flat: [
      [0, "#ffffff", 0.12],
      [0.5, "#ffffff", 0],
      [1, "#1d1612", 0.1],
    ],
    cloth: [
      [0, "#ffffff", 0.18],
      [0.45, "#ffffff", 0],
      [1, "#1d1612", 0.18],
    ],
    glass: [
      [0, "#1d1612", 0.1],
      [0.12, "#ffffff", 0.34],
      [0.26, "#ffffff", 0.06],
      [0.75, "#1d1612", 0.05],
      [0.9, "#ffffff", 0.18],
      [1, "#1d1612", 0.16],
    ],
  }
  const direction =
    light === "round" || light === "glass" ? 'x1="0" y1="0" x2="1" y2="0"' : 'x1="0" y1="0" x2="0.9" y2="1"'
  return define(
    canvas,
    (id) =>
      `<linearGradient id="${id}" ${direction}>${stops[light].map(([at, colour, opacity]) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`).join("")}</linearGradient>`,
  )
}

/** A filled outline with what lies on it clipped to it, and light over all. */
export function solid(
  canvas: Canvas,
  d: string,
  box: Box,
  options: { fill: string; over?: string; light: Light },
): string {
  const clip = define(canvas, (id) => `<clipPath id="${id}"><path d="${d}"/></clipPath>`)
  const light = lightLayer(canvas, options.light)
  return `<path d="${d}" fill="${options.fill}"/><g clip-path="url(#${clip})">${options.over ?? ""}<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.w)}" height="${n(box.h)}" fill="url(#${light})"/></g>`
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, attributes: string): string {
  return `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" ${attributes}/>`
}

/** Soft shadow on the floor under something `radius` wide. */
export function floorShadow(canvas: Canvas, cx: number, cy: number, radius: number, strength = 0.26): string {
  const id = define(
    canvas,
    (id) =>
      `<radialGradient id="${id}"><stop offset="0.35" stop-color="#2a1d14" stop-opacity="${strength}"/><stop offset="1" stop-color="#2a1d14" stop-opacity="0"/></radialGradient>`,
  )
  return ellipse(cx + radius * 0.1, cy, radius * 1.3, Math.max(9, radius * 0.24), `fill="url(#${id})"`)
}

/** Blurred shadow of a thing that lies or hangs flat on the backdrop. */
export function flatShadow(canvas: Canvas, d: string, dx = 5, dy = 9): string {
  const id = define(
    canvas,
    (id) =>
      `<filter id="${id}" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="7"/></filter>`,
  )
  return `<path d="${d}" transform="translate(${dx} ${dy})" fill="#2a1d14" fill-opacity="0.24" filter="url(#${id})"/>`
}

/** The open mouth of a vessel: rim, dark inside. */
export function mouth(cx: number, y: number, radius: number, colour: string): string {
  const inner = Math.max(1, radius - 4.5)
  return (
    ellipse(cx, y, radius, radius * TILT, `fill="${lighter(colour, 0.22)}"`) +
    ellipse(cx, y + 0.8, inner, inner * TILT, `fill="${darker(colour, 0.42)}"`) +
    ellipse(cx, y + inner * TILT * 0.5, inner * 0.84, inner * TILT * 0.5, `fill="${darker(colour, 0.3)}"`)
  )
}

export function rectPath(x: number, y: number, w: number, h: number, r: number): string {
  return `M ${n(x + r)} ${n(y)} H ${n(x + w - r)} Q ${n(x + w)} ${n(y)} ${n(x + w)} ${n(y + r)} V ${n(y + h - r)} Q ${n(x + w)} ${n(y + h)} ${n(x + w - r)} ${n(y + h)} H ${n(x + r)} Q ${n(x)} ${n(y + h)} ${n(x)} ${n(y + h - r)} V ${n(y + r)} Q ${n(x)} ${n(y)} ${n(x + r)} ${n(y)} Z`
}

export function circlePath(cx: number, cy: number, r: number): string {
  return `M ${n(cx - r)} ${n(cy)} A ${n(r)} ${n(r)} 0 1 1 ${n(cx + r)} ${n(cy)} A ${n(r)} ${n(r)} 0 1 1 ${n(cx - r)} ${n(cy)} Z`
}

export const OAK = "#c99a63"
export const WALNUT = "#7b5338"
export const BRASS = "#c6a15b"
export const STEEL = "#b4b8bc"
export const CREAM = "#f6efe2"
export const BISQUE = "#d9bf9c"
