import {
  BISQUE,
  type Canvas,
  darker,
  ellipse,
  FLOOR,
  floorShadow,
  lathe,
  latheBox,
  lighter,
  mouth,
  n,
  OAK,
  type Profile,
  solid,
  TILT,
} from "./canvas.ts"
import { type Surface, surface } from "./patterns.ts"

/** Thrown and glazed things: all of them solids of revolution, but for handles and spouts. */

/** A turned body with its glaze, its pattern and, on stoneware, the bare foot ring. */
export function turned(c: Canvas, cx: number, profile: Profile, options: Surface = {}): string {
  const box = latheBox(cx, profile)
  const body = solid(c, lathe(cx, profile), box, {
    fill: c.main,
    over: surface(c, c.look.pattern, box, { dip: { at: 0.6, bare: BISQUE }, ...options }),
    light: "round",
  })
  const shine =
    c.look.material === "Porcelain"
      ? `<path d="M ${n(cx - box.w * 0.3)} ${n(box.y + box.h * 0.22)} Q ${n(cx - box.w * 0.37)} ${n(box.y + box.h * 0.5)} ${n(cx - box.w * 0.29)} ${n(box.y + box.h * 0.75)}" stroke="#ffffff" stroke-opacity="0.5" stroke-width="7" stroke-linecap="round" fill="none"/>`
      : ""
  return body + shine
}

/** A handle as a bent tube. */
function handle(c: Canvas, d: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${darker(c.main, 0.2)}" stroke-width="${width}" stroke-linecap="round"/><path d="${d}" fill="none" stroke="${c.main}" stroke-width="${n(width * 0.74)}" stroke-linecap="round"/><path d="${d}" fill="none" stroke="#ffffff" stroke-opacity="0.22" stroke-width="${n(width * 0.22)}" stroke-linecap="round"/>`
}

export function mug(c: Canvas): string {
  const shapes: Record<string, { profile: Profile; handle: string; width: number }> = {
    classic: {
      profile: [
        [148, 84],
        [220, 84],
        [300, 80],
        [FLOOR - 8, 68],
      ],
      handle: "M 268 186 C 342 172 344 290 264 282",
      width: 21,
    },
    tall: {
      profile: [
        [104, 66],
        [200, 69],
        [300, 72],
        [FLOOR - 7, 66],
      ],
      handle: "M 256 158 C 330 150 330 276 258 270",
      width: 18,
    },
    belly: {
      profile: [
        [156, 66],
        [200, 88],
        [262, 96],
        [310, 78],
        [FLOOR - 7, 56],
      ],
      handle: "M 274 200 C 344 186 342 292 276 284",
      width: 19,
    },
    camp: {
      profile: [
        [150, 88],
        [236, 84],
        [292, 54],
        [308, 40],
        [FLOOR - 7, 56],
      ],
      handle: "M 270 182 C 340 172 336 272 258 262",
      width: 17,
    },
  }
  const shape = shapes[c.look.form] ?? shapes.classic
  if (!shape) return ""
  const [topY, topR] = shape.profile[0] ?? [0, 0]
  return (
    floorShadow(c, 206, FLOOR, 92) +
    handle(c, shape.handle, shape.width) +
    turned(c, 190, shape.profile, { band: [0.14, 0.1] }) +
    mouth(190, topY, topR, c.main)
  )
}

export function espressoCup(c: Canvas): string {
  const saucer: Profile = [
    [296, 122],
    [306, 112],
    [320, 62],
    [FLOOR - 4, 52],
  ]
  const cup: Profile = [
    [176, 66],
    [220, 65],
    [262, 56],
    [292, 36],
    [300, 34],
  ]
  return (
    floorShadow(c, 200, FLOOR + 2, 110) +
    turned(c, 196, saucer, { band: [0.1, 0.12] }) +
    ellipse(196, 296, 122, 17, `fill="${lighter(c.main, 0.16)}"`) +
    ellipse(196, 298, 62, 8, `fill="${darker(c.main, 0.28)}"`) +
    handle(c, "M 256 196 C 306 188 302 254 248 250", 13) +
    turned(c, 196, cup, { band: [0.12, 0.1], scale: 0.75 }) +
    mouth(196, 176, 66, c.main) +
    ellipse(196, 180, 54, 6, 'fill="#5b3a26"')
  )
}

export function teapot(c: Canvas): string {
  const tall = c.look.form === "tall"
  const body: Profile = tall
    ? [
        [138, 42],
        [160, 62],
        [236, 82],
        [300, 80],
        [FLOOR - 6, 62],
      ]
    : [
        [168, 46],
        [188, 80],
        [244, 106],
        [300, 88],
        [FLOOR - 6, 58],
      ]
  const [topY, topR] = body[0] ?? [0, 0]
  const lid: Profile = [
    [topY - 24, 8],
    [topY - 18, 26],
    [topY - 2, topR + 3],
  ]
  const spout = tall
    ? "M 132 262 C 92 254 96 196 62 168 L 84 156 C 120 176 112 214 136 222 Z"
    : "M 108 272 C 70 262 72 214 36 192 L 56 176 C 98 194 92 226 112 232 Z"
  const grip = tall ? "M 270 184 C 352 168 356 290 278 286" : "M 292 206 C 366 186 366 296 292 284"
  return (
    floorShadow(c, 202, FLOOR, 100) +
    handle(c, grip, 17) +
    solid(c, spout, { x: 30, y: 150, w: 110, h: 130 }, { fill: c.main, light: "round" }) +
    turned(c, 200, body, { band: [0.16, 0.09] }) +
    ellipse(200, topY, topR + 3, (topR + 3) * TILT, `fill="${darker(c.main, 0.3)}"`) +
    solid(c, lathe(200, lid), latheBox(200, lid), { fill: c.main, light: "round" }) +
    `<circle cx="200" cy="${topY - 32}" r="12" fill="${c.look.pattern === "plain" || c.look.pattern === "ribbed" ? OAK : c.main}"/><circle cx="196" cy="${topY - 36}" r="4" fill="#ffffff" fill-opacity="0.4"/>`
  )
}

export function jug(c: Canvas): string {
  const water = c.look.form === "water"
  const body: Profile = water
    ? [
        [104, 56],
        [140, 50],
        [210, 74],
        [290, 84],
        [FLOOR - 6, 62],
      ]
    : [
        [168, 60],
        [190, 56],
        [240, 80],
        [296, 78],
        [FLOOR - 6, 56],
      ]
  const [topY, topR] = body[0] ?? [0, 0]
  const lip = `M ${200 - topR + 6} ${topY + 16} Q ${200 - topR - 12} ${topY + 2} ${200 - topR - 26} ${topY - 12} Q ${200 - topR + 8} ${topY - 12} ${200 - topR + 40} ${topY - 5} Z`
  const grip = water ? "M 252 126 C 340 120 336 264 276 256" : "M 258 184 C 332 174 328 284 272 274"
  return (
    floorShadow(c, 202, FLOOR, 88) +
    handle(c, grip, 16) +
    solid(c, lip, { x: 110, y: topY - 16, w: 90, h: 40 }, { fill: c.main, light: "flat" }) +
    turned(c, 200, body, { band: [0.2, 0.08] }) +
    mouth(200, topY, topR, c.main)
  )
}

export function storageJar(c: Canvas): string {
  const tall = c.look.form === "tall"
  const top = tall ? 138 : 196
  const body: Profile = [
    [top, 78],
    [top + 14, 84],
    [top + 60, 84],
    [FLOOR - 22, 84],
    [FLOOR - 8, 76],
  ]
  const lid: Profile = [
    [top - 24, 74],
    [top - 18, 78],
    [top - 6, 78],
  ]
  return (
    floorShadow(c, 204, FLOOR, 90) +
    turned(c, 200, body, { band: [0.34, 0.1] }) +
    ellipse(200, top, 80, 80 * TILT, `fill="${darker(c.main, 0.35)}"`) +
    solid(c, lathe(200, lid), latheBox(200, lid), { fill: OAK, light: "round" }) +
    ellipse(200, top - 24, 74, 74 * TILT, `fill="${lighter(OAK, 0.2)}"`) +
    `<path d="M 142 ${top - 25} Q 200 ${top - 32} 256 ${top - 23} M 152 ${top - 19} Q 200 ${top - 24} 246 ${top - 18}" stroke="${darker(OAK, 0.22)}" stroke-width="1.4" fill="none"/>` +
    ellipse(200, top - 30, 15, 9, `fill="${darker(OAK, 0.14)}"`) +
    ellipse(200, top - 33, 15, 7, `fill="${lighter(OAK, 0.1)}"`)
  )
}

export function pot(c: Canvas): string {
  const shapes: Record<string, Profile> = {
    saucer: [
      [168, 94],
      [182, 94],
      [184, 88],
      [300, 66],
      [316, 64],
    ],
    footed: [
      [164, 98],
      [240, 94],
      [282, 60],
      [300, 36],
      [FLOOR - 6, 56],
    ],
    round: [
      [178, 76],
      [222, 104],
      [278, 100],
      [316, 70],
      [FLOOR - 6, 56],
    ],
  }
  const profile = shapes[c.look.form] ?? shapes.saucer
  if (!profile) return ""
  const [topY, topR] = profile[0] ?? [0, 0]
  const dish: Profile = [
    [312, 90],
    [324, 86],
    [FLOOR - 2, 78],
  ]
  const saucer =
    c.look.form === "saucer"
      ? solid(c, lathe(200, dish), latheBox(200, dish), { fill: darker(c.main, 0.08), light: "round" }) +
        ellipse(200, 312, 90, 12, `fill="${darker(c.main, 0.25)}"`)
      : ""
  return (
    floorShadow(c, 204, FLOOR, 94) +
    saucer +
    turned(c, 200, profile, { band: [0.2, 0.1] }) +
    mouth(200, topY, topR, c.main) +
    ellipse(200, topY + 4, topR - 10, (topR - 10) * TILT * 0.8, 'fill="#4a3426"')
  )
}
