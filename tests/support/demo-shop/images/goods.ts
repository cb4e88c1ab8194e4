import {
  type Box,
  type Canvas,
  darker,
  define,
  ellipse,
  FLOOR,
  flatShadow,
  floorShadow,
  lathe,
  latheBox,
  lighter,
  n,
  OAK,
  type Profile,
  rectPath,
  solid,
  WALNUT,
} from "./canvas.ts"
import { fabric } from "./cloth.ts"

/** Baskets, boards and bags. */

export function basket(c: Canvas): string {
  const natural = c.look.material === "Rope" ? "#e3d6bd" : "#c8a66f"
  const profiles: Record<string, Profile> = {
    belly: [
      [176, 86],
      [220, 118],
      [280, 112],
      [FLOOR - 8, 76],
    ],
    straight: [
      [168, 112],
      [FLOOR - 10, 100],
    ],
    lidded: [
      [194, 98],
      [240, 112],
      [FLOOR - 10, 92],
    ],
  }
  const profile = profiles[c.look.form] ?? profiles.belly
  if (!profile) return ""
  const box = latheBox(200, profile)
  const band = (from: number, to: number, fill = c.main) =>
    `<rect x="${n(box.x)}" y="${n(box.y + box.h * from)}" width="${n(box.w)}" height="${n(box.h * (to - from))}" fill="${fill}"/>`
  const dye =
    c.look.pattern === "dipped"
      ? band(0.5, 1.02)
      : c.look.pattern === "banded"
        ? band(0.34, 0.56)
        : band(0.16, 0.28) + band(0.36, 0.48, c.accent) + band(0.56, 0.68) + band(0.76, 0.88, c.accent)
  const stitch = define(
    c,
    (id) =>
      `<pattern id="${id}" width="16" height="12" patternUnits="userSpaceOnUse"><path d="M 1 6 q 4 -6 8 0 q 4 6 8 0" stroke="#1d1612" stroke-opacity="0.3" stroke-width="1.8" fill="none"/><path d="M 0 11.4 H 16" stroke="#1d1612" stroke-opacity="0.16" stroke-width="1.4"/><path d="M 2 3 q 3 -3 6 0" stroke="#fff" stroke-opacity="0.35" stroke-width="1.6" fill="none"/></pattern>`,
  )
  const woven = `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.w)}" height="${n(box.h)}" fill="url(#${stitch})"/>`
  const [topY, topR] = profile[0] ?? [0, 0]
  const ears = [-1, 1]
    .map(
      (side) =>
        `<path d="M ${200 + side * (topR - 18)} ${topY + 22} C ${200 + side * (topR + 44)} ${topY - 34} ${200 + side * (topR + 50)} ${topY + 46} ${200 + side * (topR + 4)} ${topY + 54}" fill="none" stroke="${darker(natural, 0.16)}" stroke-width="11" stroke-linecap="round"/>`,
    )
    .join("")
  const lidProfile: Profile = [
    [topY - 30, 30],
    [topY - 20, 74],
    [topY + 2, 104],
  ]
  const top =
    c.look.form === "lidded"
      ? solid(c, lathe(200, lidProfile), latheBox(200, lidProfile), {
          fill: natural,
          over: `<rect x="90" y="${topY - 40}" width="220" height="60" fill="url(#${stitch})"/>`,
          light: "round",
        }) +
        `<circle cx="200" cy="${topY - 40}" r="13" fill="${c.main}"/><circle cx="196" cy="${topY - 44}" r="4" fill="#ffffff" fill-opacity="0.4"/>`
      : ellipse(200, topY, topR, topR * 0.17, `fill="${lighter(natural, 0.16)}"`) +
        ellipse(200, topY + 2, topR - 9, topR * 0.14, `fill="${darker(natural, 0.5)}"`)
  return `${floorShadow(c, 204, FLOOR, 108)}${c.look.form === "lidded" ? "" : ears}${solid(c, lathe(200, profile), box, { fill: natural, over: dye + woven, light: "round" })}${top}`
}

function grain(c: Canvas, wood: string, box: Box): string {
  let d = ""
  for (let i = 0; i < 9; i++) {
    const x = box.x + (box.w * (i + c.random.between(0.2, 0.8))) / 9
    d += `M ${n(x)} ${n(box.y)} q ${n(c.random.between(-12, 12))} ${n(box.h * 0.3)} ${n(c.random.between(-4, 4))} ${n(box.h * 0.55)} t ${n(c.random.between(-8, 8))} ${n(box.h * 0.5)} `
  }
  return `<path d="${d}" stroke="${darker(wood, 0.28)}" stroke-opacity="0.5" stroke-width="2" fill="none"/>`
}

export function board(c: Canvas): string {
  const wood = c.look.material === "Walnut" ? WALNUT : OAK
  const hole = `<circle cx="200" cy="62" r="9" fill="#f3eee6"/><circle cx="200" cy="62" r="9" fill="none" stroke="#1d1612" stroke-opacity="0.35" stroke-width="2"/>`
  let d: string
  let box: Box
  let dip: string
  let extra = hole
  switch (c.look.form) {
    case "round":
      d = "M 182 98 V 62 A 18 18 0 0 1 218 62 V 98 A 126 126 0 1 1 182 98 Z"
      box = { x: 70, y: 40, w: 262, h: 320 }
      dip = `<rect x="70" y="36" width="262" height="92" fill="${c.main}"/>`
      break
    case "block":
      d = rectPath(74, 96, 252, 214, 16)
      box = { x: 74, y: 96, w: 252, h: 214 }
      dip = `<rect x="74" y="90" width="74" height="224" fill="${c.main}"/>`
      extra = `<rect x="92" y="168" width="16" height="70" rx="8" fill="#f3eee6"/><rect x="92" y="168" width="16" height="70" rx="8" fill="none" stroke="#1d1612" stroke-opacity="0.35" stroke-width="2"/>`
      break
    default:
      d =
        "M 178 154 V 64 A 22 22 0 0 1 222 64 V 154 Q 224 166 246 168 H 268 Q 290 170 290 192 V 334 Q 290 356 268 356 H 132 Q 110 356 110 334 V 192 Q 110 170 132 168 H 154 Q 176 166 178 154 Z"
      box = { x: 108, y: 40, w: 184, h: 318 }
      dip = `<rect x="108" y="36" width="184" height="112" fill="${c.main}"/>`
  }
  return `${flatShadow(c, d, 6, 10)}${solid(c, d, box, { fill: wood, over: grain(c, wood, box) + dip, light: "flat" })}<path d="${d}" fill="none" stroke="#1d1612" stroke-opacity="0.22" stroke-width="2"/>${extra}`
}

export function tote(c: Canvas): string {
  const wide = c.look.form === "wide"
  const d = wide
    ? "M 66 166 H 334 L 316 320 Q 314 332 302 332 H 98 Q 86 332 84 320 Z"
    : "M 100 134 H 300 L 306 322 Q 306 332 296 332 H 104 Q 94 332 94 322 Z"
  const box = wide ? { x: 62, y: 164, w: 276, h: 170 } : { x: 90, y: 132, w: 220, h: 202 }
  const strap = wide ? darker(c.accent, 0.04) : darker(c.main, 0.16)
  const loop = wide
    ? `<path d="M 132 206 C 132 66 268 66 268 206" fill="none" stroke="${strap}" stroke-width="14"/>`
    : `<path d="M 146 172 C 142 30 258 30 254 172" fill="none" stroke="${strap}" stroke-width="13"/>`
  const back = wide
    ? `<path d="M 140 170 C 146 84 254 84 260 170" fill="none" stroke="${darker(strap, 0.3)}" stroke-width="11"/>`
    : `<path d="M 154 136 C 154 54 246 54 246 136" fill="none" stroke="${darker(strap, 0.3)}" stroke-width="10"/>`
  const at = wide ? 166 : 134
  const left = wide ? 132 : 146
  const right = wide ? 268 : 254
  const tabs = [left, right]
    .map(
      (x) =>
        `<rect x="${x - 8}" y="${at + 12}" width="16" height="34" rx="2" fill="${strap}"/><path d="M ${x - 5} ${at + 34} l 10 9 m -10 0 l 10 -9" stroke="#ffffff" stroke-opacity="0.6" stroke-width="1.6"/>`,
    )
    .join("")
  const dip = { at: 0.5, bare: "#efe5d2", curve: 0 }
  return `${floorShadow(c, 204, FLOOR, 122)}${back}${fabric(c, d, box, { dip })}<path d="M ${box.x + 8} ${at + 12} H ${box.x + box.w - 8}" stroke="#1d1612" stroke-opacity="0.3" stroke-width="1.8" stroke-dasharray="5 3"/>${loop}${tabs}<path d="M ${box.x + 44} 326 Q ${box.x + 56} 280 ${box.x + 42} 240 M ${box.x + box.w - 44} 326 Q ${box.x + box.w - 58} 284 ${box.x + box.w - 46} 250" stroke="#1d1612" stroke-opacity="0.13" stroke-width="6" fill="none" stroke-linecap="round"/>`
}

export function backpack(c: Canvas): string {
  const leather = "#8a5a3a"
  const roll = c.look.form === "rolltop"
  const d = roll
    ? "M 122 118 H 278 L 292 180 V 312 Q 292 332 272 332 H 128 Q 108 332 108 312 V 180 Z"
    : "M 110 176 Q 112 84 200 82 Q 288 84 290 176 V 310 Q 290 332 268 332 H 132 Q 110 332 110 310 Z"
  const box = { x: 104, y: 80, w: 192, h: 254 }
  const straps = `<path d="M 112 190 Q 74 220 92 316 M 288 190 Q 326 220 308 316" stroke="${darker(c.main, 0.36)}" stroke-width="16" fill="none" stroke-linecap="round"/>`
  const top = roll
    ? `<rect x="116" y="86" width="168" height="36" rx="16" fill="${darker(c.main, 0.14)}"/><path d="M 124 104 H 276" stroke="#1d1612" stroke-opacity="0.3" stroke-width="2.4"/><rect x="190" y="82" width="20" height="128" rx="3" fill="${leather}"/><rect x="185" y="176" width="30" height="24" rx="3" fill="none" stroke="#c6a15b" stroke-width="5"/>`
    : `<path d="M 176 84 Q 176 54 200 54 Q 224 54 224 84" stroke="${leather}" stroke-width="9" fill="none"/><path d="M 126 178 Q 130 104 200 102 Q 270 104 274 178" fill="none" stroke="#1d1612" stroke-opacity="0.42" stroke-width="3.4" stroke-dasharray="3 2"/><rect x="122" y="172" width="9" height="22" rx="3" fill="#c6a15b"/>`
  const bottom =
    c.look.pattern === "dipped"
      ? `<path d="M 108 286 H 292 V 312 Q 292 332 272 332 H 128 Q 108 332 108 312 Z" fill="${leather}"/>`
      : ""
  const pocket = rectPath(136, 222, 128, 86, 12)
  return `${floorShadow(c, 204, FLOOR, 104)}${straps}${solid(c, d, box, { fill: c.main, light: "cloth" })}${bottom}${solid(c, pocket, { x: 136, y: 222, w: 128, h: 86 }, { fill: lighter(c.main, 0.06), light: "cloth" })}<path d="${pocket}" fill="none" stroke="#1d1612" stroke-opacity="0.32" stroke-width="2.2"/><path d="M 136 246 H 264" stroke="#1d1612" stroke-opacity="0.4" stroke-width="2.6"/><rect x="188" y="240" width="24" height="30" rx="3" fill="${leather}"/><circle cx="200" cy="261" r="3.4" fill="#c6a15b"/>${top}`
}
