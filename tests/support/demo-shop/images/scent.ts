import {
  type Canvas,
  CREAM,
  darker,
  define,
  ellipse,
  FLOOR,
  floorShadow,
  lathe,
  latheBox,
  lighter,
  luminance,
  mouth,
  n,
  OAK,
  type Profile,
  rectPath,
  solid,
  TILT,
} from "./canvas.ts"
import { flower, leafShape, surface } from "./patterns.ts"

/** Candles, diffusers and bath things: small vessels with a paper label. */

/** What the scent is called by, as a small mark on its label. */
function emblem(c: Canvas, cx: number, cy: number): string {
  const ink = luminance(c.main) < 0.75 ? c.main : darker(c.main, 0.55)
  switch (c.look.edition) {
    case "fig":
      return `<path d="M ${cx} ${cy - 13} C ${cx + 4} ${cy - 4} ${cx + 13} ${cy + 1} ${cx + 9} ${cy + 9} C ${cx + 5} ${cy + 15} ${cx - 5} ${cy + 15} ${cx - 9} ${cy + 9} C ${cx - 13} ${cy + 1} ${cx - 4} ${cy - 4} ${cx} ${cy - 13} Z" fill="${ink}"/>`
    case "neroli":
    case "orange":
    case "honey":
      return flower(cx, cy, 13, ink, CREAM)
    case "smoke":
    case "charcoal":
      return `<path d="M ${cx} ${cy + 13} C ${cx - 14} ${cy + 6} ${cx - 6} ${cy - 4} ${cx - 1} ${cy - 14} C ${cx + 4} ${cy - 6} ${cx + 14} ${cy + 4} ${cx} ${cy + 13} Z" fill="${ink}"/>`
    case "rose":
    case "clay":
      return `<circle cx="${cx}" cy="${cy}" r="12" fill="${ink}"/><path d="M ${cx - 6} ${cy} a 6 6 0 1 1 6 6 M ${cx - 9} ${cy + 3} a 10 10 0 0 0 18 0" stroke="${CREAM}" stroke-width="1.8" fill="none"/>`
    case "sea":
    case "linen":
      return [-6, 1, 8]
        .map(
          (dy) =>
            `<path d="M ${cx - 14} ${cy + dy} q 4.7 -6 9.4 0 t 9.4 0 t 9.4 0" stroke="${ink}" stroke-width="2.6" fill="none"/>`,
        )
        .join("")
    case "tomato":
      return `<circle cx="${cx}" cy="${cy + 2}" r="11" fill="${ink}"/>${leafShape(cx, cy - 7, 11, 4, 50, darker(ink, 0.3))}${leafShape(cx, cy - 7, 11, 4, -50, darker(ink, 0.3))}`
    case "ginger":
      return `<ellipse cx="${cx}" cy="${cy}" rx="13" ry="9.5" fill="${ink}"/><path d="M ${cx - 17} ${cy} h 6 M ${cx + 11} ${cy} h 6" stroke="${ink}" stroke-width="4" stroke-linecap="round"/>`
    default:
      return `<path d="M ${cx} ${cy + 15} V ${cy - 8}" stroke="${ink}" stroke-width="1.8"/>${[-44, 44].map((turn) => [2, 9].map((dy) => leafShape(cx, cy + dy, 13, 4.6, turn, ink)).join("")).join("")}${leafShape(cx, cy - 2, 14, 4.6, 0, ink)}`
  }
}

function label(c: Canvas, cx: number, y: number, w: number, h: number): string {
  const x = cx - w / 2
  const line = (at: number, share: number) =>
    `<rect x="${n(cx - (w * share) / 2)}" y="${n(y + h * at)}" width="${n(w * share)}" height="3" rx="1.5" fill="#5a4a3f" fill-opacity="0.72"/>`
  return `<rect x="${n(x)}" y="${y}" width="${w}" height="${h}" rx="2.5" fill="${CREAM}"/><rect x="${n(x + 4)}" y="${y + 4}" width="${w - 8}" height="${h - 8}" rx="1.5" fill="none" stroke="#5a4a3f" stroke-opacity="0.35"/>${emblem(c, cx, Math.round(y + h * 0.4))}${line(0.7, 0.6)}${line(0.82, 0.38)}`
}

export function jarCandle(c: Canvas): string {
  const lidded = c.look.form === "lidded"
  const body: Profile = lidded
    ? [
        [188, 84],
        [196, 88],
        [FLOOR - 20, 88],
        [FLOOR - 8, 80],
      ]
    : [
        [150, 82],
        [FLOOR - 24, 76],
        [FLOOR - 8, 68],
      ]
  const [topY, topR] = body[0] ?? [0, 0]
  const box = latheBox(200, body)
  const jar = solid(c, lathe(200, body), box, {
    fill: c.main,
    over: surface(c, c.look.pattern, box, { band: [0.06, 0.05] }),
    light: "glass",
  })
  const sticker = label(c, 198, topY + 44, 82, 84)
  if (lidded) {
    const lid: Profile = [
      [topY - 26, 84],
      [topY - 20, 88],
      [topY - 3, 88],
    ]
    return (
      floorShadow(c, 204, FLOOR, 92) +
      jar +
      sticker +
      solid(c, lathe(200, lid), latheBox(200, lid), { fill: OAK, light: "round" }) +
      ellipse(200, topY - 26, 84, 84 * TILT, `fill="${lighter(OAK, 0.22)}"`) +
      `<path d="M 134 ${topY - 27} Q 200 ${topY - 35} 264 ${topY - 26}" stroke="${darker(OAK, 0.2)}" stroke-width="1.4" fill="none"/>`
    )
  }
  const glow = define(
    c,
    (id) =>
      `<radialGradient id="${id}"><stop offset="0" stop-color="#ffd98a" stop-opacity="0.85"/><stop offset="1" stop-color="#ffd98a" stop-opacity="0"/></radialGradient>`,
  )
  return (
    floorShadow(c, 204, FLOOR, 84) +
    jar +
    sticker +
    mouth(200, topY, topR, c.main) +
    ellipse(200, topY + 2, topR - 8, (topR - 8) * TILT * 0.86, 'fill="#f7ecd6"') +
    `<circle cx="200" cy="${topY - 30}" r="52" fill="url(#${glow})"/><path d="M 200 ${topY + 2} V ${topY - 12}" stroke="#4a3a2f" stroke-width="3"/><path d="M 200 ${topY - 46} C 212 ${topY - 28} 211 ${topY - 14} 200 ${topY - 11} C 189 ${topY - 14} 188 ${topY - 28} 200 ${topY - 46} Z" fill="#f4a93c"/><path d="M 200 ${topY - 34} C 206 ${topY - 24} 206 ${topY - 15} 200 ${topY - 13} C 194 ${topY - 15} 194 ${topY - 24} 200 ${topY - 34} Z" fill="#fff1c4"/>`
  )
}

export function dinnerCandles(c: Canvas): string {
  const twisted = c.look.form === "twisted"
  const tapers = [116, 172, 228, 284]
    .map((cx, i) => {
      const top = 84 + ((i * 23) % 30)
      const d = `M ${cx - 9} ${top} Q ${cx} ${top - 7} ${cx + 9} ${top} L ${cx + 15} ${FLOOR - 4} Q ${cx} ${FLOOR + 3} ${cx - 15} ${FLOOR - 4} Z`
      const box = { x: cx - 16, y: top - 6, w: 32, h: FLOOR - top + 8 }
      let over = surface(c, c.look.pattern, box, { dip: { at: 0.58, bare: "#f3e3bf", curve: 2 } })
      if (twisted)
        for (let y = top - 20; y < FLOOR + 20; y += 17)
          over += `<path d="M ${cx - 18} ${y + 14} L ${cx + 18} ${y}" stroke="${darker(c.main, 0.3)}" stroke-opacity="0.55" stroke-width="4.5"/><path d="M ${cx - 18} ${y + 20} L ${cx + 18} ${y + 6}" stroke="#ffffff" stroke-opacity="0.32" stroke-width="3"/>`
      return `${floorShadow(c, cx, FLOOR, 22, 0.3)}<path d="M ${cx} ${top - 2} q 2 -10 -1 -17" stroke="#4a3a2f" stroke-width="2.6" fill="none"/>${solid(c, d, box, { fill: c.main, over, light: "round" })}`
    })
    .join("")
  const wrap = c.look.material === "Beeswax" ? "#cbb087" : "#e9e2d2"
  return `${tapers}<rect x="92" y="246" width="216" height="46" rx="3" fill="${wrap}"/><rect x="92" y="246" width="216" height="46" rx="3" fill="#1d1612" fill-opacity="0.04"/><rect x="160" y="258" width="80" height="4" rx="2" fill="#5a4a3f"/><rect x="176" y="270" width="48" height="3" rx="1.5" fill="#5a4a3f" fill-opacity="0.7"/>`
}

export function diffuser(c: Canvas): string {
  const square = c.look.form === "square"
  const reeds = [-40, -22, -8, 8, 24, 42]
    .map(
      (lean) =>
        `<path d="M ${200 + lean * 0.16} 230 L ${200 + lean * 1.5} ${66 + Math.abs(lean) * 0.6}" stroke="${Math.abs(lean) % 3 === 0 ? "#b98f5f" : "#cda777"}" stroke-width="4.4" stroke-linecap="round"/>`,
    )
    .join("")
  const round: Profile = [
    [196, 20],
    [214, 20],
    [226, 44],
    [252, 78],
    [300, 78],
    [FLOOR - 7, 62],
  ]
  const d = square
    ? "M 180 196 H 220 V 216 Q 262 218 264 236 V 318 Q 264 328 254 328 H 146 Q 136 328 136 318 V 236 Q 138 218 180 216 Z"
    : lathe(200, round)
  const box = square ? { x: 134, y: 190, w: 132, h: 140 } : latheBox(200, round)
  return `${floorShadow(c, 204, FLOOR, 82)}${reeds}${solid(c, d, box, { fill: c.main, light: "glass" })}<rect x="176" y="186" width="48" height="16" rx="4" fill="${OAK}"/><rect x="176" y="186" width="16" height="16" rx="4" fill="#ffffff" fill-opacity="0.25"/>${label(c, 200, 244, 72, 66)}`
}

export function soap(c: Canvas): string {
  const block = c.look.form === "block"
  const side = darker(c.main, 0.24)
  const box = { x: 60, y: 130, w: 280, h: 190 }
  const over = surface(c, c.look.pattern, box, { rotate: -8, scale: 0.95 })
  const bubbles = [
    [96, 150, 13],
    [120, 126, 8],
    [316, 292, 15],
    [342, 268, 9],
    [300, 318, 7],
  ]
    .map(
      ([x, y, r]) =>
        `<circle cx="${x}" cy="${y}" r="${r}" fill="#ffffff" fill-opacity="0.5" stroke="#ffffff" stroke-opacity="0.9"/><circle cx="${(x ?? 0) - (r ?? 0) * 0.3}" cy="${(y ?? 0) - (r ?? 0) * 0.35}" r="${(r ?? 0) * 0.22}" fill="#ffffff"/>`,
    )
    .join("")
  if (block) {
    return `${floorShadow(c, 204, 318, 130)}<path d="M 82 234 L 82 278 L 220 326 L 220 280 Z" fill="${side}"/><path d="M 220 280 L 220 326 L 330 262 L 330 218 Z" fill="${darker(c.main, 0.36)}"/>${solid(c, "M 82 234 L 194 172 L 330 218 L 220 280 Z", box, { fill: c.main, over, light: "flat" })}<path d="M 154 222 L 206 194 L 258 212 L 206 240 Z" fill="none" stroke="${darker(c.main, 0.3)}" stroke-opacity="0.7" stroke-width="3"/>${bubbles}`
  }
  return `${floorShadow(c, 204, 306, 138)}<path d="M 74 226 V 252 A 126 68 0 0 0 326 252 V 226 Z" fill="${side}"/>${solid(c, "M 74 226 A 126 68 0 1 1 326 226 A 126 68 0 1 1 74 226 Z", box, { fill: c.main, over, light: "flat" })}<ellipse cx="200" cy="226" rx="82" ry="40" fill="none" stroke="${darker(c.main, 0.3)}" stroke-opacity="0.6" stroke-width="3"/>${emblem({ ...c, main: darker(c.main, 0.32) }, 200, 226)}${bubbles}`
}

export function handWash(c: Canvas): string {
  const square = c.look.form === "square"
  const d = square
    ? rectPath(140, 166, 120, 164, 12)
    : lathe(200, [
        [156, 24],
        [172, 50],
        [192, 64],
        [300, 64],
        [FLOOR - 7, 58],
      ])
  const metal = luminance(c.main) > 0.3 ? "#2f2c2a" : "#cdbb94"
  const pump = `<rect x="182" y="132" width="36" height="30" rx="4" fill="${metal}"/><rect x="194" y="92" width="12" height="44" fill="${darker(metal, 0.2)}"/><path d="M 150 84 Q 150 78 158 78 H 222 Q 230 78 230 86 V 96 Q 230 100 224 100 H 172 Q 160 100 160 112 H 150 Q 148 96 150 84 Z" fill="${metal}"/><path d="M 156 84 H 220" stroke="#ffffff" stroke-opacity="0.3" stroke-width="3" stroke-linecap="round"/>`
  return `${floorShadow(c, 204, FLOOR, 70)}${pump}${solid(c, d, { x: 134, y: 150, w: 132, h: 184 }, { fill: c.main, light: "glass" })}${label(c, 200, 206, 84, 92)}`
}

export function bathSalts(c: Canvas): string {
  const corked = c.look.form === "corked"
  const top = corked ? 168 : 176
  const body: Profile = corked
    ? [
        [top, 46],
        [top + 14, 46],
        [top + 34, 82],
        [FLOOR - 24, 84],
        [FLOOR - 8, 74],
      ]
    : [
        [top, 80],
        [top + 10, 86],
        [FLOOR - 22, 86],
        [FLOOR - 8, 78],
      ]
  const box = latheBox(200, body)
  let crystals = ""
  for (let i = 0; i < 150; i++) {
    const x = c.random.between(box.x, box.x + box.w)
    const y = c.random.between(top + (corked ? 52 : 34), FLOOR)
    const size = c.random.between(4, 9)
    crystals += `<rect x="${n(x)}" y="${n(y)}" width="${n(size)}" height="${n(size)}" transform="rotate(${Math.floor(c.random.between(0, 90))} ${n(x)} ${n(y)})" fill="${c.random.chance(0.5) ? lighter(c.main, 0.4) : darker(c.main, 0.12)}"/>`
  }
  const air = `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.w)}" height="${n(top + (corked ? 50 : 30) - box.y)}" fill="#ffffff" fill-opacity="0.62"/>`
  const lid = corked
    ? `<path d="M 158 ${top + 2} L 163 ${top - 34} Q 200 ${top - 44} 237 ${top - 34} L 242 ${top + 2} Q 200 ${top + 12} 158 ${top + 2} Z" fill="#c79f6e"/><path d="M 163 ${top - 34} Q 200 ${top - 26} 237 ${top - 34} Q 200 ${top - 44} 163 ${top - 34} Z" fill="#dcb988"/>`
    : solid(
        c,
        lathe(200, [
          [top - 30, 78],
          [top - 24, 82],
          [top, 82],
        ]),
        { x: 116, y: top - 44, w: 168, h: 60 },
        { fill: "#b9bcbf", light: "round" },
      ) + ellipse(200, top - 30, 78, 78 * TILT, 'fill="#d7d9db"')
  return `${floorShadow(c, 204, FLOOR, 90)}${solid(c, lathe(200, body), box, { fill: c.main, over: crystals + air, light: "glass" })}${lid}${label(c, 200, 238, 84, 68)}`
}
