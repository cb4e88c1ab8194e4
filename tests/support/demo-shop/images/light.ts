import {
  BRASS,
  type Canvas,
  circlePath,
  darker,
  define,
  ellipse,
  FLOOR,
  flatShadow,
  floorShadow,
  lighter,
  n,
  OAK,
  type Profile,
  rectPath,
  STEEL,
  solid,
} from "./canvas.ts"
import { surface } from "./patterns.ts"
import { turned } from "./pottery.ts"

/** Lamps, clocks and mirrors. */

export function tableLamp(c: Canvas): string {
  const bases: Record<string, Profile> = {
    gourd: [
      [196, 12],
      [208, 14],
      [228, 44],
      [246, 26],
      [274, 66],
      [312, 62],
      [FLOOR - 6, 44],
    ],
    column: [
      [198, 30],
      [210, 36],
      [300, 44],
      [316, 50],
      [FLOOR - 6, 50],
    ],
    ball: [
      [206, 14],
      [216, 18],
      [240, 62],
      [276, 74],
      [310, 52],
      [FLOOR - 5, 40],
    ],
  }
  const base = bases[c.look.form] ?? bases.gourd
  if (!base) return ""
  const shade = "M 134 74 H 266 L 306 186 Q 200 202 94 186 Z"
  const glow = define(
    c,
    (id) =>
      `<radialGradient id="${id}" cx="0.5" cy="0.7" r="0.7"><stop offset="0" stop-color="#ffe3a3" stop-opacity="0.9"/><stop offset="1" stop-color="#ffe3a3" stop-opacity="0"/></radialGradient>`,
  )
  const halo = define(
    c,
    (id) =>
      `<radialGradient id="${id}"><stop offset="0" stop-color="#ffe9b8" stop-opacity="0.45"/><stop offset="1" stop-color="#ffe9b8" stop-opacity="0"/></radialGradient>`,
  )
  return `<circle cx="200" cy="160" r="180" fill="url(#${halo})"/>${floorShadow(c, 204, FLOOR, 66)}<rect x="195" y="180" width="10" height="26" fill="${BRASS}"/>${turned(c, 200, base)}${solid(c, shade, { x: 90, y: 74, w: 220, h: 124 }, { fill: "#ecdcbd", over: `<rect x="90" y="74" width="220" height="124" fill="url(#${glow})"/>`, light: "flat" })}<path d="M 134 74 Q 200 84 266 74" stroke="#b59c6c" stroke-width="2.5" fill="none"/><path d="M 94 186 Q 200 202 306 186" stroke="#b59c6c" stroke-width="3" fill="none"/>`
}

export function pendant(c: Canvas): string {
  const outlines: Record<string, { d: string; y: number; rx: number; top: number }> = {
    dome: { d: "M 84 262 Q 88 132 200 130 Q 312 132 316 262 Q 200 284 84 262 Z", y: 262, rx: 116, top: 130 },
    cone: {
      d: "M 92 268 L 178 138 Q 200 128 222 138 L 308 268 Q 200 290 92 268 Z",
      y: 268,
      rx: 108,
      top: 134,
    },
    lantern: {
      d: "M 150 146 Q 200 136 250 146 Q 306 208 268 290 Q 200 302 132 290 Q 94 208 150 146 Z",
      y: 290,
      rx: 68,
      top: 140,
    },
    bell: {
      d: "M 176 132 H 224 Q 228 200 268 232 Q 296 250 300 278 Q 200 296 100 278 Q 104 250 132 232 Q 172 200 176 132 Z",
      y: 278,
      rx: 100,
      top: 132,
    },
  }
  const shape = outlines[c.look.form] ?? outlines.dome
  if (!shape) return ""
  const box = { x: 80, y: 126, w: 240, h: 176 }
  const metal = c.look.material === "Metal" ? STEEL : BRASS
  const beam = define(
    c,
    (id) =>
      `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#ffe6ac" stop-opacity="0.75"/><stop offset="1" stop-color="#ffe6ac" stop-opacity="0"/></linearGradient>`,
  )
  return `<path d="M ${200 - shape.rx} ${shape.y} L ${200 - shape.rx - 56} 400 H ${200 + shape.rx + 56} L ${200 + shape.rx} ${shape.y} Z" fill="url(#${beam})"/><path d="M 200 0 V ${shape.top - 18}" stroke="#3a3430" stroke-width="4"/><rect x="186" y="${shape.top - 26}" width="28" height="30" rx="5" fill="${metal}"/><rect x="186" y="${shape.top - 26}" width="9" height="30" rx="4" fill="#ffffff" fill-opacity="0.35"/>${solid(c, shape.d, box, { fill: c.main, over: surface(c, c.look.pattern, box, { band: [0.5, 0.09] }), light: "round" })}${ellipse(200, shape.y, shape.rx, shape.rx * 0.1, `fill="${lighter(c.main, 0.3)}"`)}${ellipse(200, shape.y + 1, shape.rx - 6, shape.rx * 0.078, 'fill="#ffe9bb"')}<circle cx="200" cy="${shape.y + 6}" r="15" fill="#fff7df"/>`
}

export function clock(c: Canvas): string {
  const square = c.look.form === "square"
  const frame = c.look.material === "Oak" ? OAK : "#3a3a3c"
  const outer = square ? rectPath(72, 72, 256, 256, 30) : circlePath(200, 200, 134)
  const inner = square ? rectPath(88, 88, 224, 224, 20) : circlePath(200, 200, 118)
  const ink =
    Number.parseInt(c.main.slice(1, 3), 16) +
      Number.parseInt(c.main.slice(3, 5), 16) +
      Number.parseInt(c.main.slice(5, 7), 16) >
    330
      ? "#2b2724"
      : "#f6efe2"
  const station = c.look.form === "numerals"
  const marks = Array.from({ length: station ? 60 : 12 }, (_, i) => {
    const big = !station || i % 5 === 0
    const turn = station ? i * 6 : i * 30
    return station
      ? `<rect x="${big ? 196.5 : 198.8}" y="92" width="${big ? 7 : 2.4}" height="${big ? 22 : 9}" fill="${ink}" transform="rotate(${turn} 200 200)"/>`
      : square
        ? `<rect x="198" y="102" width="4" height="${i % 3 === 0 ? 18 : 10}" rx="2" fill="${ink}" transform="rotate(${turn} 200 200)"/>`
        : `<circle cx="200" cy="102" r="${i % 3 === 0 ? 6 : 3.6}" fill="${ink}" transform="rotate(${turn} 200 200)"/>`
  }).join("")
  const hour = 285 + Math.floor(c.random.between(0, 40))
  const minute = 40 + Math.floor(c.random.between(0, 50))
  return `${flatShadow(c, outer, 7, 11)}${solid(c, outer, { x: 66, y: 66, w: 268, h: 268 }, { fill: frame, light: "flat" })}${solid(c, inner, { x: 82, y: 82, w: 236, h: 236 }, { fill: c.main, light: "flat" })}${marks}<g stroke="${ink}" stroke-linecap="round"><path d="M 200 200 V 142" stroke-width="9" transform="rotate(${hour} 200 200)"/><path d="M 200 200 V 116" stroke-width="6" transform="rotate(${minute} 200 200)"/></g><path d="M 200 216 V 112" stroke="#c9653f" stroke-width="2.6" transform="rotate(190 200 200)"/><circle cx="200" cy="200" r="8" fill="${ink}"/><circle cx="200" cy="200" r="3.4" fill="#c9653f"/>`
}

export function mirror(c: Canvas): string {
  const width = c.look.form === "wavy" ? 30 : 20
  let outer: string
  let inner: string
  switch (c.look.form) {
    case "arch":
      outer = "M 96 352 V 176 A 104 120 0 0 1 304 176 V 352 Z"
      inner = "M 116 332 V 178 A 84 100 0 0 1 284 178 V 332 Z"
      break
    case "wavy": {
      const petals = 12
      const at = (k: number, r: number) =>
        `${n(200 + r * Math.cos((k / petals) * 2 * Math.PI))} ${n(200 + r * Math.sin((k / petals) * 2 * Math.PI))}`
      outer = `M ${at(0, 128)}`
      for (let i = 0; i < petals; i++) outer += ` Q ${at(i + 0.5, 178)} ${at(i + 1, 128)}`
      outer += " Z"
      inner = circlePath(200, 200, 138 - width)
      break
    }
    case "rectangle":
      outer = rectPath(100, 48, 200, 304, 10)
      inner = rectPath(120, 68, 160, 264, 4)
      break
    default:
      outer = circlePath(200, 200, 142)
      inner = circlePath(200, 200, 120)
  }
  const glass = define(
    c,
    (id) =>
      `<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f2f7f8"/><stop offset="0.5" stop-color="#c9d8dc"/><stop offset="1" stop-color="#a9bdc4"/></linearGradient>`,
  )
  const clip = define(c, (id) => `<clipPath id="${id}"><path d="${inner}"/></clipPath>`)
  return `${flatShadow(c, outer, 7, 12)}${solid(c, outer, { x: 50, y: 44, w: 300, h: 312 }, { fill: c.main, light: "flat" })}<path d="${inner}" fill="url(#${glass})"/><g clip-path="url(#${clip})"><path d="M 60 300 L 260 40 H 310 L 90 340 Z" fill="#ffffff" fill-opacity="0.42"/><path d="M 150 360 L 340 110 V 150 L 180 360 Z" fill="#ffffff" fill-opacity="0.28"/></g><path d="${inner}" fill="none" stroke="${darker(c.main, 0.42)}" stroke-opacity="0.7" stroke-width="3"/>`
}
