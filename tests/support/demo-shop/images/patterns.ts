import type { PatternId } from "../catalogue/kinds.ts"
import { type Box, type Canvas, darker, define, lighter, luminance, n } from "./canvas.ts"

/** What lies over the main colour. Repeats are SVG patterns; bands, dips and borders follow the outline's box. */
export type Surface = {
  /** Where a band runs and how tall it is, as shares of the box. */
  band?: readonly [number, number]
  /** Share of the height where a dipped colour ends, and the bare material below. */
  dip?: { at: number; bare: string; curve?: number }
  scale?: number
  rotate?: number
  /** Stripes along this axis; pottery is banded across, cloth down. */
  stripes?: "across" | "down"
}

function tile(canvas: Canvas, size: number, options: Surface, content: string, height = size): string {
  const scale = options.scale ?? 1
  return define(
    canvas,
    (id) =>
      `<pattern id="${id}" width="${n(size)}" height="${n(height)}" patternUnits="userSpaceOnUse" patternTransform="rotate(${options.rotate ?? 0}) scale(${scale})">${content}</pattern>`,
  )
}

function covering(box: Box, id: string): string {
  return `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.w)}" height="${n(box.h)}" fill="url(#${id})"/>`
}

/** Flecks, light on dark glaze and dark on light. */
function speckles(canvas: Canvas): string {
  const colour = luminance(canvas.main) < 0.35 ? lighter(canvas.main, 0.5) : darker(canvas.main, 0.55)
  let dots = ""
  for (let i = 0; i < 46; i++) {
    const size = canvas.random.between(0.7, 2.3)
    dots += `<circle cx="${n(canvas.random.between(2, 78))}" cy="${n(canvas.random.between(2, 78))}" r="${n(size)}" fill-opacity="${n(canvas.random.between(0.4, 0.9))}"/>`
  }
  return `<g fill="${colour}">${dots}</g>`
}

export function flower(cx: number, cy: number, r: number, petals: string, heart: string): string {
  let d = ""
  for (let i = 0; i < 5; i++) {
    const angle = (i / 5) * 2 * Math.PI - Math.PI / 2
    d += `<circle cx="${n(cx + r * 0.62 * Math.cos(angle))}" cy="${n(cy + r * 0.62 * Math.sin(angle))}" r="${n(r * 0.46)}" fill="${petals}"/>`
  }
  return `${d}<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r * 0.34)}" fill="${heart}"/>`
}

export function leafShape(
  x: number,
  y: number,
  length: number,
  width: number,
  angle: number,
  fill: string,
): string {
  return `<path d="M 0 0 Q ${n(width)} ${n(-length * 0.45)} 0 ${n(-length)} Q ${n(-width)} ${n(-length * 0.45)} 0 0 Z" transform="translate(${n(x)} ${n(y)}) rotate(${n(angle)})" fill="${fill}"/>`
}

function sprig(x: number, y: number, angle: number, fill: string): string {
  const leaves = [-46, 46]
    .map((turn) => [8, 16, 24].map((along) => leafShape(0, -along, 11, 4.4, turn, fill)).join(""))
    .join("")
  return `<g transform="translate(${n(x)} ${n(y)}) rotate(${angle})"><path d="M 0 2 V -28" stroke="${fill}" stroke-width="1.6"/>${leaves}${leafShape(0, -26, 12, 4.6, 0, fill)}</g>`
}

/** SVG to lay over the main colour within `box`. */
export function surface(canvas: Canvas, pattern: PatternId, box: Box, options: Surface = {}): string {
  const { accent, main } = canvas
  switch (pattern) {
    case "plain":
      return ""
    case "speckled":
      return covering(box, tile(canvas, 80, options, speckles(canvas)))
    case "banded": {
      const [at, height] = options.band ?? [0.2, 0.1]
      return `<rect x="${n(box.x)}" y="${n(box.y + box.h * at)}" width="${n(box.w)}" height="${n(box.h * height)}" fill="${accent}"/><rect x="${n(box.x)}" y="${n(box.y + box.h * (at + height + 0.03))}" width="${n(box.w)}" height="${n(Math.max(2, box.h * 0.012))}" fill="${accent}"/>`
    }
    case "dipped": {
      const { at, bare, curve = 8 } = options.dip ?? { at: 0.62, bare: "#d9bf9c" }
      const y = box.y + box.h * at
      const d = `M ${n(box.x)} ${n(y)} Q ${n(box.x + box.w / 2)} ${n(y + 2 * curve)} ${n(box.x + box.w)} ${n(y)} V ${n(box.y + box.h + 4)} H ${n(box.x)} Z`
      return `<path d="${d}" fill="${bare}"/><path d="M ${n(box.x)} ${n(y)} Q ${n(box.x + box.w / 2)} ${n(y + 2 * curve)} ${n(box.x + box.w)} ${n(y)}" fill="none" stroke="${darker(bare, 0.25)}" stroke-width="1.5" stroke-opacity="0.6"/>`
    }
    case "striped": {
      const across = options.stripes !== "down"
      return covering(
        box,
        tile(
          canvas,
          30,
          options,
          across
            ? `<rect width="30" height="13" fill="${accent}"/>`
            : `<rect width="13" height="30" fill="${accent}"/>`,
        ),
      )
    }
    case "dotted":
      return covering(
        box,
        tile(
          canvas,
          38,
          options,
          `<g fill="${accent}"><circle cx="9.5" cy="9.5" r="5.6"/><circle cx="28.5" cy="28.5" r="5.6"/></g>`,
        ),
      )
    case "ribbed": {
      const lit = lighter(main, 0.38)
      const dim = darker(main, 0.34)
      return covering(
        box,
        tile(
          canvas,
          14,
          options,
          `<rect x="0" width="4.5" height="14" fill="${dim}" fill-opacity="0.75"/><rect x="7" width="3.4" height="14" fill="${lit}" fill-opacity="0.7"/>`,
        ),
      )
    }
    case "floral": {
      const heart = luminance(accent) > 0.6 ? "#d59f2d" : "#f6efe2"
      const green = luminance(main) > 0.45 ? "#6c7b42" : "#a2b08a"
      return covering(
        box,
        tile(
          canvas,
          74,
          options,
          `${leafShape(22, 26, 15, 5, 130, green)}${leafShape(20, 24, 14, 5, -120, green)}${leafShape(58, 62, 15, 5, 60, green)}${flower(20, 20, 12, accent, heart)}${flower(57, 55, 10, accent, heart)}<circle cx="56" cy="15" r="3.2" fill="${accent}"/><circle cx="16" cy="58" r="3.2" fill="${accent}"/>`,
        ),
      )
    }
    case "checked":
      return covering(
        box,
        tile(
          canvas,
          44,
          options,
          `<rect width="22" height="44" fill="${accent}" fill-opacity="0.52"/><rect width="44" height="22" fill="${accent}" fill-opacity="0.52"/>`,
        ),
      )
    case "diamond":
      return covering(
        box,
        tile(
          canvas,
          46,
          options,
          `<path d="M 23 3 L 41 23 L 23 43 L 5 23 Z" fill="${accent}"/><path d="M 23 13 L 32 23 L 23 33 L 14 23 Z" fill="${main}"/>`,
        ),
      )
    case "leaf":
      return covering(
        box,
        tile(
          canvas,
          76,
          options,
          sprig(24, 46, -18, accent) + sprig(60, 78, 22, accent) + sprig(60, 2, 22, accent),
        ),
      )
    case "wave":
      return covering(
        box,
        tile(
          canvas,
          48,
          options,
          `<path d="M -12 15 Q 0 1 12 15 T 36 15 T 60 15" fill="none" stroke="${accent}" stroke-width="6" stroke-linecap="round"/>`,
          30,
        ),
      )
    case "herringbone": {
      const thread = luminance(main) < 0.3 ? lighter(main, 0.3) : darker(main, 0.26)
      return covering(
        box,
        tile(
          canvas,
          28,
          options,
          `<path d="M 0 14 L 14 0 L 28 14 M 0 28 L 14 14 L 28 28 M 0 21 L 14 7 L 28 21 M 0 7 L 7 0 M 21 0 L 28 7" fill="none" stroke="${thread}" stroke-width="2.4"/>`,
        ),
      )
    }
    case "bordered": {
      const inset = Math.min(box.w, box.h) * 0.09
      const frame = (by: number, width: number) =>
        `<rect x="${n(box.x + by)}" y="${n(box.y + by)}" width="${n(box.w - 2 * by)}" height="${n(box.h - 2 * by)}" fill="none" stroke="${accent}" stroke-width="${width}"/>`
      return frame(inset, 10) + frame(inset + 13, 3)
    }
    default:
      return pattern satisfies never
  }
}

/** Threads of woven cloth, faint. */
export function weave(canvas: Canvas, box: Box, strength = 0.1): string {
  const id = tile(
    canvas,
    5,
    {},
    `<path d="M 0 2.5 H 5 M 2.5 0 V 5" stroke="#1d1612" stroke-opacity="${strength}" stroke-width="0.9"/>`,
  )
  return covering(box, id)
}
