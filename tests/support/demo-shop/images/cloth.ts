import {
  type Box,
  type Canvas,
  circlePath,
  darker,
  define,
  ellipse,
  FLOOR,
  flatShadow,
  floorShadow,
  lighter,
  luminance,
  n,
  rectPath,
  solid,
} from "./canvas.ts"
import { type Surface, surface, weave } from "./patterns.ts"

/** Soft things. Cloth carries its pattern, the threads of its weave, and a fold or a sheen by its material. */
export function fabric(c: Canvas, d: string, box: Box, options: Surface = {}): string {
  const velvet = c.look.material === "Velvet"
  const sheen = velvet
    ? `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.w)}" height="${n(box.h)}" fill="url(#${define(c, (id) => `<radialGradient id="${id}" cx="0.32" cy="0.26" r="0.7"><stop offset="0" stop-color="#fff" stop-opacity="0.34"/><stop offset="0.6" stop-color="#fff" stop-opacity="0"/></radialGradient>`)})"/>`
    : weave(
        c,
        box,
        c.look.material === "Linen" || c.look.material === "Canvas" || c.look.material === "Jute"
          ? 0.1
          : 0.05,
      )
  return solid(c, d, box, {
    fill: c.main,
    over: surface(c, c.look.pattern, box, { stripes: "down", ...options }) + sheen,
    light: "cloth",
  })
}

function tassel(x: number, y: number, angle: number, colour: string): string {
  return `<g transform="translate(${n(x)} ${n(y)}) rotate(${angle})"><circle r="6.5" fill="${colour}"/><path d="M -6 4 L -9 32 L 9 32 L 6 4 Z" fill="${colour}"/><path d="M -4 10 L -5 32 M 0 10 V 32 M 4 10 L 5 32" stroke="#1d1612" stroke-opacity="0.25" stroke-width="1.4"/></g>`
}

export function cushion(c: Canvas): string {
  const box = { x: 62, y: 66, w: 276, h: 276 }
  if (c.look.form === "round") {
    const d = circlePath(200, 202, 134)
    const pleats = Array.from(
      { length: 24 },
      (_, i) =>
        `<path d="M 200 202 L ${n(200 + 134 * Math.cos((i / 24) * 2 * Math.PI))} ${n(202 + 134 * Math.sin((i / 24) * 2 * Math.PI))}" stroke="#1d1612" stroke-opacity="0.13" stroke-width="2"/>`,
    ).join("")
    return `${floorShadow(c, 206, 342, 120)}${fabric(c, d, box)}${pleats}<circle cx="200" cy="202" r="134" fill="none" stroke="${darker(c.main, 0.28)}" stroke-width="4"/><circle cx="200" cy="202" r="15" fill="${darker(c.main, 0.2)}"/><circle cx="196" cy="198" r="6" fill="${lighter(c.main, 0.3)}"/>`
  }
  const d =
    "M 76 78 Q 200 100 324 78 Q 336 74 332 90 Q 312 204 334 322 Q 336 336 322 332 Q 200 312 78 332 Q 64 336 66 322 Q 88 204 68 90 Q 64 74 76 78 Z"
  // A pale tassel would vanish against the ground.
  const thread = luminance(c.accent) > 0.72 ? darker(c.main, 0.3) : c.accent
  const trim =
    c.look.form === "tasselled"
      ? tassel(72, 82, 135, thread) +
        tassel(328, 82, -135, thread) +
        tassel(72, 326, 45, thread) +
        tassel(328, 326, -45, thread)
      : ""
  const creases = `<path d="M 84 92 Q 112 118 116 142 M 316 92 Q 290 116 284 140 M 84 318 Q 110 296 114 272 M 316 318 Q 292 298 286 274" stroke="#1d1612" stroke-opacity="0.16" stroke-width="4" fill="none" stroke-linecap="round"/>`
  return `${floorShadow(c, 206, 334, 132)}${trim}${fabric(c, d, box)}${creases}<path d="${d}" fill="none" stroke="${darker(c.main, 0.3)}" stroke-opacity="0.7" stroke-width="2.4"/>`
}

export function bolster(c: Canvas): string {
  const box = { x: 44, y: 150, w: 312, h: 140 }
  const d = "M 82 156 H 322 Q 352 160 352 220 Q 352 280 322 284 H 82 Z"
  return `${floorShadow(c, 208, 290, 148)}${fabric(c, d, box)}<ellipse cx="82" cy="220" rx="34" ry="64" fill="${darker(c.main, 0.14)}"/><ellipse cx="82" cy="220" rx="34" ry="64" fill="none" stroke="${c.accent}" stroke-width="4.5"/>${Array.from({ length: 12 }, (_, i) => `<path d="M 82 220 L ${n(82 + 31 * Math.cos((i / 12) * 2 * Math.PI))} ${n(220 + 60 * Math.sin((i / 12) * 2 * Math.PI))}" stroke="#1d1612" stroke-opacity="0.18" stroke-width="2"/>`).join("")}<circle cx="82" cy="220" r="8" fill="${c.accent}"/><path d="M 300 158 Q 326 220 300 282" stroke="#1d1612" stroke-opacity="0.1" stroke-width="5" fill="none"/>`
}

function fringe(from: number, to: number, y: number, colour: string, length: number): string {
  let d = ""
  for (let x = from; x <= to; x += 8) d += `M ${x} ${y} q 2 ${length / 2} -1 ${length} `
  return `<path d="${d}" stroke="${colour}" stroke-width="3.4" fill="none" stroke-linecap="round"/>`
}

export function throwBlanket(c: Canvas): string {
  if (c.look.form === "hung") {
    const box = { x: 92, y: 82, w: 216, h: 244 }
    const d = "M 96 84 Q 200 76 304 84 L 308 318 Q 254 326 200 318 Q 146 326 92 318 Z"
    return `<rect x="52" y="72" width="296" height="13" rx="6.5" fill="#b98d5e"/><rect x="52" y="72" width="296" height="4" rx="2" fill="#ffffff" fill-opacity="0.3"/><circle cx="52" cy="78" r="9" fill="#8f6a43"/><circle cx="348" cy="78" r="9" fill="#8f6a43"/>${flatShadow(c, d, 8, 10)}${fringe(96, 306, 318, c.look.pattern === "plain" || c.look.pattern === "herringbone" ? darker(c.main, 0.1) : c.accent, 26)}${fabric(c, d, box, { scale: 1.1 })}<path d="M 140 86 Q 132 200 142 318 M 206 84 Q 214 200 204 318 M 262 85 Q 256 200 264 318" stroke="#1d1612" stroke-opacity="0.12" stroke-width="7" fill="none"/><path d="M 96 96 Q 200 88 304 96" stroke="#1d1612" stroke-opacity="0.2" stroke-width="5" fill="none"/>`
  }
  // Folded, a border shows as a band along each edge.
  const cloth = c.look.pattern === "bordered" ? { ...c, look: { ...c.look, pattern: "plain" as const } } : c
  const edge = (x: number, y: number, w: number, h: number) =>
    c.look.pattern === "bordered"
      ? `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${c.accent}"/>`
      : ""
  const layer = (y: number, h: number, inset: number) => {
    const box = { x: 66 + inset, y, w: 268 - 2 * inset, h }
    return `${fabric(cloth, `M ${66 + inset} ${y + 10} Q ${66 + inset} ${y} ${80 + inset} ${y} H ${300 - inset} Q ${336 - inset} ${y} ${336 - inset} ${y + h / 2} Q ${336 - inset} ${y + h} ${300 - inset} ${y + h} H ${76 + inset} Q ${66 + inset} ${y + h} ${66 + inset} ${y + h - 8} Z`, box, { scale: 0.85 })}${edge(282 - inset, y + 1, 9, h - 2)}${edge(297 - inset, y + 1, 3, h - 2)}<path d="M ${66 + inset} ${y + h} H ${306 - inset}" stroke="#1d1612" stroke-opacity="0.34" stroke-width="3"/>`
  }
  const tails =
    c.look.pattern === "plain" || c.look.pattern === "herringbone" ? darker(c.main, 0.12) : c.accent
  const drop = "M 96 166 H 214 L 220 300 Q 156 308 92 300 Z"
  return `${floorShadow(c, 204, FLOOR + 2, 150)}${layer(274, 58, 0)}${layer(220, 56, 3)}${layer(164, 58, 0)}${fringe(98, 218, 300, tails, 22)}${fabric(cloth, drop, { x: 90, y: 166, w: 132, h: 140 }, { scale: 0.85 })}${edge(95, 266, 123, 9)}${edge(95, 281, 124, 3)}<path d="M 214 166 L 220 300" stroke="#1d1612" stroke-opacity="0.26" stroke-width="4"/>`
}

export function rug(c: Canvas): string {
  const jute = c.look.material === "Jute"
  const ends = jute ? "#b99a67" : "#efe4d0"
  const weft = (box: Box) =>
    `<path d="${Array.from({ length: Math.floor(box.h / 7) }, (_, i) => `M ${n(box.x)} ${n(box.y + i * 7)} h ${n(box.w)}`).join(" ")}" stroke="#1d1612" stroke-opacity="${jute ? 0.2 : 0.08}" stroke-width="1.6"/>`
  if (c.look.form === "round") {
    const d = circlePath(200, 200, 150)
    const box = { x: 50, y: 50, w: 300, h: 300 }
    const rings =
      c.look.pattern === "bordered"
        ? `<circle cx="200" cy="200" r="128" fill="none" stroke="${c.accent}" stroke-width="13"/><circle cx="200" cy="200" r="110" fill="none" stroke="${c.accent}" stroke-width="3"/>`
        : surface(c, c.look.pattern, box, { stripes: "across" })
    const coils = Array.from(
      { length: 14 },
      (_, i) =>
        `<circle cx="200" cy="200" r="${i * 10.5 + 6}" fill="none" stroke="#1d1612" stroke-opacity="${jute ? 0.16 : 0.07}" stroke-width="1.6"/>`,
    ).join("")
    return `${flatShadow(c, d, 4, 7)}<circle cx="200" cy="200" r="154" fill="none" stroke="${ends}" stroke-width="8" stroke-dasharray="3 4"/>${solid(c, d, box, { fill: c.main, over: rings + coils, light: "cloth" })}`
  }
  const runner = c.look.form === "runner"
  const box = runner ? { x: 138, y: 34, w: 124, h: 332 } : { x: 84, y: 56, w: 232, h: 288 }
  const d = rectPath(box.x, box.y, box.w, box.h, 4)
  return `${flatShadow(c, d, 4, 8)}${fringe(box.x + 4, box.x + box.w - 4, box.y - 16, ends, 20)}${fringe(box.x + 4, box.x + box.w - 4, box.y + box.h - 4, ends, 20)}${solid(c, d, box, { fill: c.main, over: surface(c, c.look.pattern, box, { stripes: "across", scale: runner ? 0.9 : 1.15 }) + weft(box), light: "cloth" })}`
}

export function towel(c: Canvas): string {
  const waffle = c.look.material === "Waffle"
  const grid = (box: Box) =>
    waffle
      ? `<path d="${Array.from({ length: Math.ceil(box.w / 12) }, (_, i) => `M ${n(box.x + i * 12)} ${n(box.y)} v ${n(box.h)}`).join(" ")} ${Array.from({ length: Math.ceil(box.h / 12) }, (_, i) => `M ${n(box.x)} ${n(box.y + i * 12)} h ${n(box.w)}`).join(" ")}" stroke="#1d1612" stroke-opacity="0.16" stroke-width="2.4"/>`
      : ""
  const band = (box: Box) =>
    c.look.pattern === "bordered"
      ? `<rect x="${box.x + box.w * 0.72}" y="${box.y}" width="14" height="${box.h}" fill="${c.accent}"/><rect x="${box.x + box.w * 0.8}" y="${box.y}" width="5" height="${box.h}" fill="${c.accent}"/>`
      : surface(c, c.look.pattern, box, { stripes: "down", scale: 0.8 })
  if (c.look.form === "rolled") {
    const roll = (cx: number, cy: number) => {
      const tube = `M ${cx} ${cy - 50} h 132 v 100 h -132 Z`
      return `${solid(c, tube, { x: cx, y: cy - 50, w: 132, h: 100 }, { fill: c.main, over: band({ x: cx, y: cy - 50, w: 132, h: 100 }) + grid({ x: cx, y: cy - 50, w: 132, h: 100 }), light: "cloth" })}<rect x="${cx}" y="${cy + 26}" width="132" height="24" fill="#1d1612" fill-opacity="0.12"/>${ellipse(cx + 132, cy, 13, 50, `fill="${darker(c.main, 0.16)}"`)}${ellipse(cx, cy, 42, 50, `fill="${lighter(c.main, 0.1)}"`)}<path d="M ${cx} ${cy} q 8 -10 14 2 q 2 18 -14 18 q -22 -2 -20 -24 q 4 -24 26 -24 q 26 4 24 34 q -6 30 -36 28" fill="none" stroke="${darker(c.main, 0.34)}" stroke-opacity="0.75" stroke-width="4.5"/>`
    }
    return `${floorShadow(c, 206, FLOOR, 150)}${roll(76 + 20, 280)}${roll(196 + 20, 280)}${roll(140 + 20, 184)}`
  }
  const layer = (y: number, inset: number) => {
    const box = { x: 74 + inset, y, w: 252 - 2 * inset, h: 50 }
    return `${solid(c, rectPath(box.x, box.y, box.w, box.h, 20), box, { fill: c.main, over: band(box) + grid(box), light: "cloth" })}<path d="M ${box.x + 14} ${y + 26} H ${box.x + box.w - 8}" stroke="#1d1612" stroke-opacity="0.22" stroke-width="2.4"/><path d="M ${box.x + 10} ${y + 50} H ${box.x + box.w - 12}" stroke="#1d1612" stroke-opacity="0.3" stroke-width="3"/>`
  }
  return `${floorShadow(c, 204, FLOOR + 2, 138)}${layer(282, 0)}${layer(232, 5)}${layer(182, 1)}${layer(132, 7)}`
}
