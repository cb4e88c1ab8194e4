import {
  BISQUE,
  type Canvas,
  circlePath,
  darker,
  ellipse,
  FLOOR,
  floorShadow,
  lighter,
  n,
  type Profile,
  solid,
} from "./canvas.ts"
import { flower, leafShape, surface } from "./patterns.ts"
import { turned } from "./pottery.ts"

/** Plates from above, bowls from the side. */

export function plate(c: Canvas): string {
  const { pattern, form } = c.look
  const radius = 146
  let outline = circlePath(200, 200, radius)
  if (form === "scalloped") {
    const petals = 16
    const point = (k: number, r: number) =>
      `${n(200 + r * Math.cos((k / petals) * 2 * Math.PI))} ${n(200 + r * Math.sin((k / petals) * 2 * Math.PI))}`
    outline = `M ${point(0, radius - 6)}`
    for (let i = 0; i < petals; i++)
      outline += ` Q ${point(i + 0.5, radius + 16)} ${point(i + 1, radius - 6)}`
    outline += " Z"
  }
  const box = { x: 40, y: 40, w: 320, h: 320 }
  const around = (count: number, r: number, draw: (x: number, y: number, degrees: number) => string) =>
    Array.from({ length: count }, (_, i) =>
      draw(
        200 + r * Math.cos((i / count) * 2 * Math.PI),
        200 + r * Math.sin((i / count) * 2 * Math.PI),
        (i / count) * 360,
      ),
    ).join("")
  let over = ""
  if (pattern === "speckled") over = surface(c, pattern, box)
  else if (pattern === "banded")
    over = `<circle cx="200" cy="200" r="131" fill="none" stroke="${c.accent}" stroke-width="10"/><circle cx="200" cy="200" r="119" fill="none" stroke="${c.accent}" stroke-width="2.5"/>`
  else if (pattern === "dotted")
    over = around(24, 122, (x, y) => `<circle cx="${n(x)}" cy="${n(y)}" r="7" fill="${c.accent}"/>`)
  else if (pattern === "floral")
    over =
      around(9, 120, (x, y) => flower(x, y, 15, c.accent, "#d59f2d")) +
      around(9, 119, (x, y, a) => leafShape(x, y, 26, 7, a + 195, "#6c7b42"))
  else if (pattern === "leaf") over = around(18, 112, (x, y, a) => leafShape(x, y, 32, 11, a + 60, c.accent))
  const ring =
    form === "coupe"
      ? ""
      : `<circle cx="200" cy="200" r="96" fill="none" stroke="${darker(c.main, 0.3)}" stroke-opacity="0.5" stroke-width="2.5"/><circle cx="200" cy="201.5" r="94" fill="${lighter(c.main, 0.12)}" fill-opacity="0.55"/>`
  const rim = `<path d="${outline}" fill="none" stroke="${c.look.material === "Stoneware" ? darker(c.main, 0.34) : lighter(c.main, 0.5)}" stroke-width="3"/>`
  return `<g>${floorShadow(c, 204, 222, 128, 0.34)}<circle cx="206" cy="212" r="146" fill="#2a1d14" fill-opacity="0.12"/>${solid(c, outline, box, { fill: c.main, over: over + ring, light: "flat" })}${rim}<path d="M 88 150 A 124 124 0 0 1 160 84" stroke="#ffffff" stroke-opacity="0.4" stroke-width="7" stroke-linecap="round" fill="none"/></g>`
}

export function bowl(c: Canvas): string {
  const shapes: Record<string, Profile> = {
    deep: [
      [174, 118],
      [226, 112],
      [284, 78],
      [312, 50],
      [FLOOR - 6, 52],
    ],
    wide: [
      [206, 142],
      [244, 128],
      [292, 82],
      [314, 56],
      [FLOOR - 7, 58],
    ],
    footed: [
      [184, 102],
      [236, 100],
      [284, 68],
      [302, 40],
      [FLOOR - 6, 50],
    ],
  }
  const profile = shapes[c.look.form] ?? shapes.deep
  if (!profile) return ""
  const [topY, topR] = profile[0] ?? [0, 0]
  const inner = topR - 7
  return (
    floorShadow(c, 200, FLOOR, 92) +
    turned(c, 200, profile, { band: [0.24, 0.1], dip: { at: 0.6, bare: BISQUE } }) +
    ellipse(200, topY, topR, topR * 0.2, `fill="${lighter(c.main, 0.2)}"`) +
    ellipse(200, topY + 1.5, inner, inner * 0.19, `fill="${darker(c.main, 0.3)}"`) +
    ellipse(204, topY + inner * 0.07, inner * 0.82, inner * 0.115, `fill="${darker(c.main, 0.14)}"`)
  )
}
