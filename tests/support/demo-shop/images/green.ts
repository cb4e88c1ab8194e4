import {
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
  type Profile,
  solid,
  TILT,
} from "./canvas.ts"
import { leafShape, surface } from "./patterns.ts"

/** Plants in their pots, and watering cans. */

function foliage(c: Canvas, y: number): string {
  const g = { deep: "#3f6247", mid: "#567f57", light: "#7ba26f", grey: "#8fae9c" }
  const stem = (x: number, top: number, colour: string, width = 4) =>
    `<path d="M 200 ${y} Q ${n(200 + (x - 200) * 0.25)} ${n((y + top) / 2)} ${n(x)} ${n(top)}" stroke="${colour}" stroke-width="${width}" fill="none"/>`
  switch (c.look.edition) {
    case "snake":
      return [-44, 40, -22, 24, 2]
        .map((lean, i) => {
          const height = [112, 126, 158, 148, 184][i] ?? 120
          const x = 200 + lean * 0.6
          return `<g transform="translate(${n(x)} ${y + 6}) rotate(${n(lean * 0.34)})"><path d="M -13 0 Q -19 ${-height * 0.6} 0 ${-height} Q 19 ${-height * 0.6} 13 0 Z" fill="#b9bd67"/><path d="M -9 0 Q -14 ${-height * 0.58} 0 ${-height + 9} Q 14 ${-height * 0.58} 9 0 Z" fill="${i % 2 ? g.mid : g.deep}"/><path d="${Array.from({ length: 6 }, (_, k) => `M -9 ${n(-height * (0.12 + k * 0.12))} q 9 -6 18 0`).join(" ")}" stroke="#9cbf93" stroke-opacity="0.6" stroke-width="2.4" fill="none"/></g>`
        })
        .join("")
    case "monstera": {
      const leaf = (x: number, top: number, turn: number, size: number, fill: string) =>
        `${stem(x, top, g.mid)}<g transform="translate(${x} ${top}) rotate(${turn}) scale(${size})"><path d="M 0 12 C -46 14 -52 -40 0 -62 C 52 -40 46 14 0 12 Z" fill="${fill}"/><path d="M -44 -6 L -20 -10 L -42 -22 Z M 44 -6 L 20 -10 L 42 -22 Z M -36 -34 L -16 -28 L -28 -44 Z M 36 -34 L 16 -28 L 28 -44 Z" fill="#efe9dd" fill-opacity="0.9"/><path d="M 0 12 V -54" stroke="#a9c79c" stroke-width="2.4"/></g>`
      return (
        leaf(122, y - 86, -44, 1, g.deep) +
        leaf(280, y - 92, 42, 1, g.mid) +
        leaf(164, y - 132, -16, 1.05, g.mid) +
        leaf(240, y - 136, 18, 1, g.deep) +
        leaf(202, y - 82, 2, 0.86, g.light)
      )
    }
    case "cactus": {
      const column = (cx: number, top: number, r: number, bottom: number) =>
        `<path d="M ${cx - r} ${bottom} V ${top + r} A ${r} ${r} 0 0 1 ${cx + r} ${top + r} V ${bottom} Z" fill="${g.mid}"/><path d="${[-0.55, 0, 0.55].map((k) => `M ${n(cx + r * k)} ${bottom} V ${n(top + r * 0.5)}`).join(" ")}" stroke="${g.deep}" stroke-width="3"/><path d="${[-0.28, 0.28, 0.8].map((k) => Array.from({ length: Math.floor((bottom - top) / 18) }, (_, i) => `M ${n(cx + r * k - 3)} ${n(top + r + i * 17)} l 6 -3`).join(" ")).join(" ")}" stroke="#f2ecd9" stroke-width="1.6"/>`
      return `<path d="M 168 ${y - 66} H 146 Q 132 ${y - 66} 132 ${y - 82} V ${y - 118}" stroke="${g.mid}" stroke-width="24" stroke-linecap="round" fill="none"/><path d="M 232 ${y - 44} H 252 Q 268 ${y - 44} 268 ${y - 60} V ${y - 88}" stroke="${g.mid}" stroke-width="22" stroke-linecap="round" fill="none"/>${column(200, y - 176, 34, y + 4)}<g>${[190, 204, 212].map((x, i) => `<circle cx="${x}" cy="${y - 178 + i * 3}" r="8" fill="#e59c93"/>`).join("")}</g>`
    }
    case "fern":
      return [-78, 78, -58, 58, -34, 34, -10, 14]
        .map((lean, i) => {
          const tipX = 200 + lean * 1.5
          const tipY = y - 120 + Math.abs(lean) * 0.75
          let d = ""
          for (let k = 1; k <= 12; k++) {
            const t = k / 12
            const x = (1 - t) ** 2 * 200 + 2 * t * (1 - t) * (200 + lean * 0.7) + t * t * tipX
            const at = (1 - t) ** 2 * y + 2 * t * (1 - t) * (y - 132) + t * t * tipY
            const length = 21 * (1 - t * 0.72)
            d +=
              leafShape(x, at, length, length * 0.24, lean * 0.5 + 74, i % 2 ? g.mid : g.light) +
              leafShape(x, at, length, length * 0.24, lean * 0.5 - 74, i % 2 ? g.mid : g.light)
          }
          return `<path d="M 200 ${y} Q ${n(200 + lean * 0.7)} ${y - 132} ${n(tipX)} ${n(tipY)}" stroke="${g.deep}" stroke-width="2.4" fill="none"/>${d}`
        })
        .join("")
    case "rubber":
      return `<path d="M 200 ${y} V ${y - 168}" stroke="#7a5a41" stroke-width="7"/>${[
        [0.12, 64],
        [0.22, -62],
        [0.38, 56],
        [0.5, -54],
        [0.66, 46],
        [0.78, -44],
        [0.92, 26],
        [0.98, -18],
      ]
        .map(
          ([t, turn], i) =>
            leafShape(200, y - 168 * (t ?? 0), 82 - i * 3, 25, turn ?? 0, i % 2 ? "#35543f" : "#44694c") +
            `<path d="M 0 0 V ${-66 + i * 3}" stroke="#9fbd95" stroke-width="2" transform="translate(200 ${n(y - 168 * (t ?? 0))}) rotate(${turn})"/>`,
        )
        .join("")}`
    case "palm":
      return [-66, 64, -42, 44, -16, 20]
        .map((lean, i) => {
          const tipX = 200 + lean * 1.35
          const tipY = y - 176 + Math.abs(lean) * 1.05
          let d = ""
          for (let k = 4; k <= 12; k++) {
            const t = k / 12
            const x = 200 + (tipX - 200) * t * t
            const at = y + (tipY - y) * t
            d +=
              leafShape(x, at, 40 - t * 12, 5, lean * 0.55 + 50, i % 2 ? g.light : g.mid) +
              leafShape(x, at, 40 - t * 12, 5, lean * 0.55 - 50, i % 2 ? g.light : g.mid)
          }
          return `<path d="M 200 ${y} Q ${n(200 + lean * 0.3)} ${n((y + tipY) / 2)} ${n(tipX)} ${n(tipY)}" stroke="${g.deep}" stroke-width="3" fill="none"/>${d}`
        })
        .join("")
    default:
      return [
        [14, 78, 21, g.grey],
        [12, 60, 19, lighter(g.grey, 0.14)],
        [9, 42, 16, g.grey],
        [6, 24, 12, lighter(g.grey, 0.24)],
      ]
        .map(([count, length, width, fill], ring) =>
          Array.from(
            { length: Number(count) },
            (_, i) =>
              leafShape(
                200,
                y - 42,
                Number(length),
                Number(width),
                (i / Number(count)) * 360 + ring * 14,
                String(fill),
              ) +
              (ring < 2
                ? `<circle cx="${n(200 + Number(length) * 0.94 * Math.sin(((i / Number(count)) * 360 + ring * 14) * (Math.PI / 180)))}" cy="${n(y - 42 - Number(length) * 0.94 * Math.cos(((i / Number(count)) * 360 + ring * 14) * (Math.PI / 180)))}" r="3" fill="#d98a8a"/>`
                : ""),
          ).join(""),
        )
        .join("")
  }
}

export function plant(c: Canvas): string {
  const rounded = c.random.chance(0.45)
  const top = 228
  const profile: Profile = rounded
    ? [
        [top, 62],
        [262, 76],
        [300, 70],
        [FLOOR - 6, 50],
      ]
    : [
        [top, 72],
        [top + 16, 72],
        [top + 18, 67],
        [FLOOR - 6, 50],
      ]
  const front = solid(c, lathe(200, profile), latheBox(200, profile), { fill: c.main, light: "round" })
  const [, topR] = profile[0] ?? [0, 0]
  const low = c.look.edition === "succulent" || c.look.edition === "fern"
  const soil =
    mouth(200, top, topR, c.main) +
    ellipse(200, top + 2, topR - 7, (topR - 7) * TILT * 0.85, 'fill="#4a3426"')
  return floorShadow(c, 204, FLOOR, 74) + front + soil + foliage(c, low ? top - 2 : top + 2)
}

export function wateringCan(c: Canvas): string {
  const long = c.look.form === "long"
  const body: Profile = long
    ? [
        [186, 40],
        [212, 66],
        [268, 78],
        [FLOOR - 8, 72],
      ]
    : [
        [184, 74],
        [196, 80],
        [FLOOR - 8, 84],
      ]
  const cx = 222
  const box = latheBox(cx, body)
  const [topY, topR] = body[0] ?? [0, 0]
  const spout = long
    ? "M 158 296 Q 92 282 74 150 L 62 104 L 78 100 L 92 146 Q 108 234 152 250 Z"
    : "M 146 292 L 70 166 L 90 152 L 148 238 Z"
  const rose = long
    ? ""
    : `<path d="M 52 172 L 92 138 L 100 152 L 68 188 Z" fill="${darker(c.main, 0.12)}"/><ellipse cx="60" cy="180" rx="13" ry="8" transform="rotate(-48 60 180)" fill="${lighter(c.main, 0.25)}"/>`
  const grip = long ? "M 244 190 C 356 132 366 280 290 292" : "M 156 190 C 168 92 288 92 292 190"
  const back = long
    ? ""
    : `<path d="M 300 214 Q 356 236 304 290" fill="none" stroke="${darker(c.main, 0.12)}" stroke-width="12" stroke-linecap="round"/>`
  const metal = c.look.material === "Steel" ? "#9a9ea2" : "#c6a15b"
  return `${floorShadow(c, 222, FLOOR, 92)}${back}<path d="${grip}" fill="none" stroke="${darker(c.main, 0.16)}" stroke-width="14" stroke-linecap="round"/><path d="${grip}" fill="none" stroke="${c.main}" stroke-width="9" stroke-linecap="round"/>${solid(c, spout, { x: 50, y: 96, w: 120, h: 200 }, { fill: c.main, light: "flat" })}${rose}${solid(c, lathe(cx, body), box, { fill: c.main, over: surface(c, c.look.pattern, box, { band: [0.4, 0.1] }), light: "round" })}${mouth(cx, topY, topR, c.main)}<path d="M ${cx - 74} ${FLOOR - 14} Q ${cx} ${FLOOR + 2} ${cx + 76} ${FLOOR - 14}" stroke="${metal}" stroke-width="6" fill="none"/>`
}
