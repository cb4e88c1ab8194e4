import { type Canvas, darker, flatShadow, n } from "./canvas.ts"
import { fabric } from "./cloth.ts"

/** Kitchen cloth that hangs from a hook. */

function hook(x: number, y: number): string {
  return `<circle cx="${x}" cy="${y}" r="9" fill="#b98d5e"/><circle cx="${x - 2}" cy="${y - 2}" r="3.4" fill="#e0bd8d"/>`
}

export function teaTowel(c: Canvas): string {
  const d = "M 112 88 Q 156 78 200 74 Q 244 78 288 88 L 294 336 Q 246 344 200 336 Q 154 344 106 336 Z"
  const box = { x: 104, y: 72, w: 192, h: 270 }
  return `${flatShadow(c, d)}<path d="M 200 54 Q 188 66 194 78 M 200 54 Q 212 66 206 78" stroke="${darker(c.main, 0.25)}" stroke-width="4" fill="none"/>${hook(200, 52)}${fabric(c, d, box, { scale: 0.92 })}<path d="M 158 84 Q 150 200 156 338 M 242 84 Q 252 200 244 338 M 200 76 Q 196 150 200 210" stroke="#1d1612" stroke-opacity="0.13" stroke-width="7" fill="none"/><path d="M 107 322 Q 154 330 200 322 Q 246 330 293 322" stroke="#1d1612" stroke-opacity="0.28" stroke-width="2" fill="none" stroke-dasharray="5 3"/>`
}

export function apron(c: Canvas): string {
  const cross = c.look.form === "cross"
  const d =
    "M 152 96 Q 200 108 248 96 Q 252 150 300 182 L 306 336 Q 200 348 94 336 L 100 182 Q 148 150 152 96 Z"
  const box = { x: 92, y: 94, w: 216, h: 250 }
  const strap = darker(c.main, 0.18)
  const straps = cross
    ? `<path d="M 158 98 Q 176 52 250 44 M 242 98 Q 224 52 150 44" stroke="${strap}" stroke-width="11" fill="none"/><path d="M 250 44 Q 316 90 302 186 M 150 44 Q 84 90 98 186" stroke="${strap}" stroke-width="9" fill="none" stroke-opacity="0.55"/>`
    : `<path d="M 158 100 Q 160 40 200 38 Q 240 40 242 100" stroke="${strap}" stroke-width="10" fill="none"/><path d="M 102 190 Q 62 210 66 268 M 298 190 Q 338 210 334 268" stroke="${strap}" stroke-width="8" fill="none" stroke-linecap="round"/>`
  const pocket = "M 138 222 H 262 V 284 Q 262 298 248 298 H 152 Q 138 298 138 284 Z"
  return `${straps}${flatShadow(c, d)}${cross ? "" : hook(200, 38)}${fabric(c, d, box)}<path d="${pocket}" fill="${darker(c.main, 0.1)}" fill-opacity="0.55" stroke="#1d1612" stroke-opacity="0.35" stroke-width="2"/><path d="M 138 232 H 262 M 200 232 V 298" stroke="#ffffff" stroke-opacity="0.45" stroke-width="1.6" stroke-dasharray="5 4"/><path d="M 122 190 Q 118 260 124 336 M 280 190 Q 284 260 276 336" stroke="#1d1612" stroke-opacity="0.1" stroke-width="7" fill="none"/>`
}

export function ovenGlove(c: Canvas): string {
  const d =
    "M 142 330 L 138 214 Q 130 108 190 84 Q 252 66 266 142 L 270 196 Q 286 162 312 162 Q 338 168 330 206 Q 316 256 276 272 L 274 330 Z"
  const box = { x: 128, y: 70, w: 210, h: 262 }
  const quilt = Array.from(
    { length: 9 },
    (_, i) =>
      `M ${n(100 + i * 30)} 70 L ${n(-20 + i * 30)} 330 M ${n(80 + i * 30)} 70 L ${n(200 + i * 30)} 330`,
  ).join(" ")
  const clip = `${c.prefix}-quilt`
  c.defs.push(`<clipPath id="${clip}"><path d="${d}"/></clipPath>`)
  return `${flatShadow(c, d)}<path d="M 150 332 q -26 8 -22 26 q 10 14 24 -14" stroke="${c.accent}" stroke-width="6" fill="none"/>${fabric(c, d, box, { scale: 0.9 })}<g clip-path="url(#${clip})"><path d="${quilt}" stroke="#1d1612" stroke-opacity="0.13" stroke-width="2" stroke-dasharray="6 4"/></g><path d="M 270 198 Q 266 240 244 252" stroke="#1d1612" stroke-opacity="0.28" stroke-width="4" fill="none" stroke-linecap="round"/><rect x="134" y="308" width="148" height="36" rx="8" fill="${c.accent}"/><rect x="134" y="308" width="148" height="9" rx="4" fill="#ffffff" fill-opacity="0.2"/>`
}
