import {
  type Canvas,
  CREAM,
  darker,
  ellipse,
  FLOOR,
  floorShadow,
  lathe,
  latheBox,
  lighter,
  luminance,
  n,
  type Profile,
  rectPath,
  STEEL,
  solid,
  TILT,
} from "./canvas.ts"
import { flower, leafShape, surface } from "./patterns.ts"

/** Tea tins, coffee bags, cafetières. */

function blendMark(c: Canvas, cx: number, cy: number): string {
  const ink = luminance(c.main) < 0.72 ? c.main : darker(c.main, 0.5)
  const leaf = (turn: number, length = 22) => leafShape(cx, cy + 9, length, length * 0.36, turn, ink)
  switch (c.look.edition) {
    case "jasmine":
    case "chamomile":
      return flower(cx, cy, 15, ink, "#e2ab3b")
    case "hibiscus":
      return flower(cx, cy, 16, ink, CREAM) + leafShape(cx + 10, cy + 14, 14, 5, 110, ink)
    case "breakfast":
      return `<path d="M ${cx - 15} ${cy - 6} h 24 v 7 a 12 11 0 0 1 -24 0 z" fill="${ink}"/><path d="M ${cx + 9} ${cy - 3} q 9 0 7 6 q -2 4 -8 3" stroke="${ink}" stroke-width="2.6" fill="none"/><path d="M ${cx - 17} ${cy + 15} h 30" stroke="${ink}" stroke-width="2.4"/>`
    case "chai":
      return Array.from(
        { length: 8 },
        (_, i) =>
          `<ellipse cx="${cx}" cy="${cy - 10}" rx="3.4" ry="8" fill="${ink}" transform="rotate(${i * 45} ${cx} ${cy})"/>`,
      ).join("")
    case "earl":
      return `<circle cx="${cx}" cy="${cy}" r="14" fill="${ink}"/><circle cx="${cx}" cy="${cy}" r="10.5" fill="none" stroke="${CREAM}" stroke-width="1.6"/>${[0, 60, 120].map((a) => `<path d="M ${cx - 10} ${cy} h 20" stroke="${CREAM}" stroke-width="1.4" transform="rotate(${a} ${cx} ${cy})"/>`).join("")}`
    default:
      return leaf(0, 26) + leaf(46) + leaf(-46)
  }
}

function originMark(c: Canvas, cx: number, cy: number): string {
  const ink = luminance(c.main) < 0.72 ? c.main : darker(c.main, 0.5)
  switch (c.look.edition) {
    case "huila":
      return `<path d="M ${cx - 26} ${cy + 14} L ${cx - 8} ${cy - 14} L ${cx + 2} ${cy} L ${cx + 10} ${cy - 8} L ${cx + 26} ${cy + 14} Z" fill="${ink}"/>`
    case "sidama":
      return `<circle cx="${cx}" cy="${cy}" r="10" fill="${ink}"/>${Array.from({ length: 10 }, (_, i) => `<path d="M ${cx} ${cy - 14} v -6" stroke="${ink}" stroke-width="3" stroke-linecap="round" transform="rotate(${i * 36} ${cx} ${cy})"/>`).join("")}`
    case "antigua":
      return `<path d="M ${cx - 26} ${cy + 14} L ${cx - 7} ${cy - 10} H ${cx + 7} L ${cx + 26} ${cy + 14} Z" fill="${ink}"/><path d="M ${cx - 3} ${cy - 14} q 6 -6 0 -12" stroke="${ink}" stroke-width="2.6" fill="none"/>`
    case "nyeri":
      return (
        leafShape(cx, cy + 14, 32, 11, -36, ink) +
        leafShape(cx, cy + 14, 32, 11, 36, ink) +
        `<circle cx="${cx}" cy="${cy + 12}" r="6" fill="${darker(ink, 0.3)}"/>`
      )
    case "decaf":
      return `<path d="M ${cx + 9} ${cy - 15} a 16 16 0 1 0 8 22 a 13 13 0 0 1 -8 -22 Z" fill="${ink}"/>`
    default:
      return `<path d="M ${cx - 18} ${cy + 14} V ${cy - 3} L ${cx} ${cy - 17} L ${cx + 18} ${cy - 3} V ${cy + 14} Z" fill="${ink}"/><rect x="${cx - 5}" y="${cy + 1}" width="10" height="13" fill="${CREAM}"/>`
  }
}

function words(cx: number, y: number, widths: readonly number[]): string {
  return widths
    .map(
      (w, i) =>
        `<rect x="${n(cx - w / 2)}" y="${y + i * 9}" width="${w}" height="${i === 0 ? 4 : 3}" rx="1.5" fill="#4d4038" fill-opacity="${i === 0 ? 0.9 : 0.6}"/>`,
    )
    .join("")
}

export function teaTin(c: Canvas): string {
  const round = c.look.form === "round"
  const lid = darker(c.main, 0.16)
  const sticker = `<rect x="${round ? 158 : 148}" y="208" width="84" height="86" rx="${round ? 42 : 4}" fill="${CREAM}"/>${blendMark(c, round ? 200 : 190, 240)}${words(round ? 200 : 190, 268, [46, 30])}`
  if (round) {
    const body: Profile = [
      [160, 80],
      [FLOOR - 8, 80],
    ]
    const cap: Profile = [
      [126, 82],
      [160, 82],
    ]
    const box = latheBox(200, body)
    return `${floorShadow(c, 204, FLOOR, 88)}${solid(c, lathe(200, body), box, { fill: c.main, over: surface(c, c.look.pattern, box), light: "round" })}${sticker}${solid(c, lathe(200, cap), latheBox(200, cap), { fill: lid, light: "round" })}${ellipse(200, 126, 82, 82 * TILT, `fill="${lighter(c.main, 0.25)}"`)}${ellipse(200, 126, 66, 66 * TILT, `fill="none" stroke="${lid}" stroke-width="2"`)}`
  }
  const box = { x: 114, y: 150, w: 152, h: 182 }
  return `${floorShadow(c, 210, FLOOR, 98)}<path d="M 266 152 L 300 140 V 312 L 266 330 Z" fill="${darker(c.main, 0.3)}"/>${solid(c, rectPath(114, 150, 152, 180, 5), box, { fill: c.main, over: surface(c, c.look.pattern, box), light: "flat" })}${sticker}<path d="M 268 152 V 120 L 304 108 V 140 Z" fill="${darker(c.main, 0.4)}"/><rect x="110" y="118" width="158" height="36" rx="5" fill="${lid}"/><path d="M 112 119 L 148 106 H 303 L 267 119 Z" fill="${lighter(c.main, 0.24)}"/><rect x="116" y="122" width="60" height="5" rx="2.5" fill="#ffffff" fill-opacity="0.3"/>`
}

export function coffeeBag(c: Canvas): string {
  const box = { x: 104, y: 74, w: 192, h: 258 }
  const espresso = c.look.form === "espresso"
  const d =
    "M 116 104 Q 112 180 106 250 Q 104 300 110 328 Q 200 336 290 328 Q 296 300 294 250 Q 288 180 284 104 Z"
  return (
    floorShadow(c, 206, FLOOR, 104) +
    solid(c, d, box, {
      fill: c.main,
      over: surface(c, c.look.pattern, box, { band: [0.8, 0.07] }),
      light: "round",
    }) +
    `<path d="M 116 104 L 120 76 H 280 L 284 104 Z" fill="${darker(c.main, 0.14)}"/><path d="M 116 104 H 284" stroke="${darker(c.main, 0.38)}" stroke-width="2"/><rect x="108" y="86" width="184" height="11" rx="3" fill="${espresso ? "#2c2826" : "#d9cdb8"}"/>` +
    `<path d="M 132 128 Q 126 220 128 308 M 268 128 Q 274 220 272 308" stroke="#1d1612" stroke-opacity="0.12" stroke-width="3" fill="none"/>` +
    `<circle cx="200" cy="134" r="8" fill="${darker(c.main, 0.25)}"/><circle cx="200" cy="134" r="3" fill="${darker(c.main, 0.5)}"/>` +
    `<rect x="146" y="170" width="108" height="112" rx="4" fill="${CREAM}"/>${originMark(c, 200, 206)}${words(200, 240, [64, 44])}` +
    `<rect x="${espresso ? 158 : 172}" y="262" width="${espresso ? 84 : 56}" height="10" rx="5" fill="${espresso ? "#2c2826" : "#b58b5c"}"/>`
  )
}

export function cafetiere(c: Canvas): string {
  const glass = c.look.form === "glass"
  const body: Profile = [
    [128, 66],
    [FLOOR - 8, 66],
  ]
  const box = latheBox(190, body)
  const grip = "M 258 156 H 300 Q 314 156 314 172 V 270 Q 314 284 300 284 H 258"
  const vessel = glass
    ? solid(c, lathe(190, body), box, {
        fill: "#dfe7e8",
        over: `<rect x="120" y="196" width="140" height="140" fill="#4a2c1c"/><rect x="120" y="190" width="140" height="9" fill="#8a5e3c"/>`,
        light: "glass",
      }) +
      `<rect x="120" y="146" width="140" height="13" fill="${c.main}"/><rect x="120" y="272" width="140" height="13" fill="${c.main}"/><path d="M 124 284 V ${FLOOR} M 256 284 V ${FLOOR} M 190 284 V ${FLOOR}" stroke="${c.main}" stroke-width="9"/>`
    : solid(c, lathe(190, body), box, { fill: c.main, light: "round" }) +
      `<rect x="124" y="${FLOOR - 22}" width="132" height="7" fill="${STEEL}" fill-opacity="0.8"/>`
  const cap: Profile = [
    [106, 52],
    [112, 66],
    [128, 70],
  ]
  return `${floorShadow(c, 204, FLOOR, 86)}<path d="${grip}" fill="none" stroke="${darker(c.main, 0.16)}" stroke-width="17" stroke-linejoin="round"/><path d="${grip}" fill="none" stroke="${c.main}" stroke-width="12" stroke-linejoin="round"/><path d="M 126 130 L 100 116 L 134 118 Z" fill="${STEEL}"/>${vessel}<rect x="187" y="60" width="6" height="48" fill="#8d9296"/><circle cx="190" cy="56" r="14" fill="${c.main}"/><circle cx="185" cy="51" r="4.5" fill="#ffffff" fill-opacity="0.4"/>${solid(c, lathe(190, cap), latheBox(190, cap), { fill: glass ? STEEL : darker(c.main, 0.12), light: "round" })}`
}
