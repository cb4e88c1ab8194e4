import {
  type Canvas,
  CREAM,
  darker,
  define,
  flatShadow,
  lighter,
  luminance,
  n,
  OAK,
  rectPath,
  solid,
} from "./canvas.ts"
import { flower, leafShape, surface } from "./patterns.ts"

/** Prints, notebooks, pencils and cards. */

/** The picture within a frame, in the print's own colour and two that go with it. */
function artwork(c: Canvas, x: number, y: number, w: number, h: number): string {
  const second = c.accent
  const third = luminance(c.main) > 0.5 ? darker(c.main, 0.5) : lighter(c.main, 0.45)
  const at = (dx: number, dy: number) => `${n(x + w * dx)} ${n(y + h * dy)}`
  const bg = `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${c.main}"/>`
  switch (c.look.edition) {
    case "moon":
      return `${bg}<circle cx="${n(x + w * 0.62)}" cy="${n(y + h * 0.27)}" r="${n(w * 0.17)}" fill="#f6e7c1"/><path d="M ${at(0, 0.62)} Q ${at(0.25, 0.44)} ${at(0.5, 0.6)} T ${at(1, 0.52)} V ${y + h} H ${x} Z" fill="${third}"/><path d="M ${at(0, 0.78)} Q ${at(0.3, 0.6)} ${at(0.62, 0.76)} T ${at(1, 0.7)} V ${y + h} H ${x} Z" fill="${second}"/><path d="M ${at(0, 0.9)} Q ${at(0.4, 0.78)} ${at(1, 0.9)} V ${y + h} H ${x} Z" fill="${darker(c.main, 0.4)}"/>`
    case "arches":
      return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${CREAM}"/>${[0.42, 0.31, 0.2, 0.09].map((r, i) => `<path d="M ${at(0.5 - r, 0.92)} V ${n(y + h * 0.5)} A ${n(w * r)} ${n(w * r)} 0 0 1 ${at(0.5 + r, 0.5)} V ${n(y + h * 0.92)} Z" fill="${[c.main, CREAM, third, second][i]}"/>`).join("")}`
    case "lemons":
      return `${bg}${[
        [0.36, 0.5, -20],
        [0.6, 0.48, 24],
        [0.48, 0.4, 4],
      ]
        .map(
          ([dx, dy, turn]) =>
            `<g transform="translate(${at(dx ?? 0, dy ?? 0)}) rotate(${turn})"><ellipse rx="${n(w * 0.15)}" ry="${n(w * 0.115)}" fill="#f0c93e"/><path d="M ${n(w * 0.14)} -4 l 9 4 l -9 4 Z" fill="#e2b52c"/><ellipse cx="-6" cy="-6" rx="8" ry="4" fill="#fff3b8" fill-opacity="0.8"/></g>`,
        )
        .join(
          "",
        )}${leafShape(x + w * 0.48, y + h * 0.34, w * 0.16, 8, 50, "#5d7a45")}<path d="M ${at(0.16, 0.54)} H ${n(x + w * 0.84)} Q ${at(0.8, 0.8)} ${at(0.5, 0.8)} Q ${at(0.2, 0.8)} ${at(0.16, 0.54)} Z" fill="${luminance(c.main) > 0.8 ? "#3e628d" : CREAM}"/><path d="M ${at(0.2, 0.62)} H ${n(x + w * 0.8)}" stroke="${second}" stroke-width="6"/>`
    case "sea":
      return `${bg}<circle cx="${n(x + w * 0.26)}" cy="${n(y + h * 0.2)}" r="${n(w * 0.1)}" fill="#f6d98a"/><path d="M ${at(0, 0.66)} H ${x + w} V ${y + h} H ${x} Z" fill="${third}"/><path d="M ${at(0.54, 0.22)} V ${n(y + h * 0.64)} H ${n(x + w * 0.82)} Z" fill="${CREAM}"/><path d="M ${at(0.5, 0.28)} V ${n(y + h * 0.64)} H ${n(x + w * 0.28)} Z" fill="${luminance(second) > 0.8 ? "#c4643f" : second}"/><path d="M ${at(0.24, 0.67)} H ${n(x + w * 0.84)} L ${at(0.74, 0.75)} H ${n(x + w * 0.32)} Z" fill="#7b5338"/>${[0.8, 0.87, 0.94].map((dy) => `<path d="M ${at(0.08, dy)} q 14 -7 28 0 t 28 0 t 28 0 t 28 0" stroke="${CREAM}" stroke-opacity="0.7" stroke-width="2.6" fill="none"/>`).join("")}`
    case "leaves":
      return `${bg}<path d="M ${at(0.5, 0.92)} Q ${at(0.46, 0.5)} ${at(0.54, 0.14)}" stroke="${third}" stroke-width="4" fill="none"/>${[0.24, 0.36, 0.48, 0.6, 0.72].map((dy, i) => leafShape(x + w * 0.5, y + h * (dy + 0.08), w * (0.26 + i * 0.03), w * 0.085, 62, i % 2 === 0 ? third : second) + leafShape(x + w * 0.5, y + h * (dy + 0.08), w * (0.26 + i * 0.03), w * 0.085, -62, i % 2 === 0 ? second : third)).join("")}${leafShape(x + w * 0.54, y + h * 0.2, w * 0.2, w * 0.07, 6, third)}`
    case "shapes":
      return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${CREAM}"/><path d="M ${at(0.12, 0.3)} C ${at(0.1, 0.04)} ${at(0.58, 0.06)} ${at(0.52, 0.3)} C ${at(0.48, 0.48)} ${at(0.14, 0.52)} ${at(0.12, 0.3)} Z" fill="${c.main}"/><path d="M ${at(0.5, 0.5)} C ${at(0.6, 0.3)} ${at(0.98, 0.42)} ${at(0.88, 0.68)} C ${at(0.8, 0.86)} ${at(0.4, 0.72)} ${at(0.5, 0.5)} Z" fill="${luminance(second) > 0.8 ? "#2e5443" : second}"/><circle cx="${n(x + w * 0.74)}" cy="${n(y + h * 0.22)}" r="${n(w * 0.11)}" fill="${third}"/><path d="M ${at(0.14, 0.62)} l ${n(w * 0.26)} ${n(h * 0.06)} l ${n(-w * 0.12)} ${n(h * 0.2)} Z" fill="${c.main}"/><path d="M ${at(0.5, 0.9)} A ${n(w * 0.16)} ${n(w * 0.16)} 0 0 1 ${at(0.82, 0.9)} Z" fill="${third}"/>`
    default:
      return `${bg}<rect x="${x}" y="${n(y + h * 0.74)}" width="${w}" height="${n(h * 0.26)}" fill="${third}"/><path d="M ${at(0.4, 0.38)} Q ${at(0.42, 0.46)} ${at(0.3, 0.56)} Q ${at(0.22, 0.7)} ${at(0.36, 0.8)} H ${n(x + w * 0.62)} Q ${at(0.76, 0.7)} ${at(0.68, 0.56)} Q ${at(0.57, 0.46)} ${at(0.58, 0.38)} Z" fill="${second}"/>${flower(x + w * 0.38, y + h * 0.24, w * 0.13, "#f6efe2", "#d59f2d")}${flower(x + w * 0.62, y + h * 0.2, w * 0.12, "#c4643f", "#f0d27c")}${leafShape(x + w * 0.5, y + h * 0.4, w * 0.28, 9, 2, "#5d7a45")}<circle cx="${n(x + w * 0.8)}" cy="${n(y + h * 0.78)}" r="${n(w * 0.085)}" fill="#d98b3a"/>`
  }
}

export function print(c: Canvas): string {
  const frame = c.random.pick([OAK, "#2c2a29", "#f5f2ec", OAK])
  const outer = rectPath(84, 44, 232, 306, 3)
  return `${flatShadow(c, outer, 7, 12)}${solid(c, outer, { x: 84, y: 44, w: 232, h: 306 }, { fill: frame, light: "flat" })}<rect x="95" y="55" width="210" height="284" fill="#fcfaf5"/><rect x="95" y="55" width="210" height="4" fill="#1d1612" fill-opacity="0.14"/>${artwork(c, 122, 84, 156, 226)}<path d="M 95 339 L 230 55 H 285 L 150 339 Z" fill="#ffffff" fill-opacity="0.09"/>`
}

export function notebook(c: Canvas): string {
  const box = { x: 104, y: 56, w: 196, h: 290 }
  const spiral = c.look.form === "spiral"
  const cover = rectPath(box.x, box.y, box.w, box.h, spiral ? 6 : 10)
  const cloth =
    c.look.material === "Linen-Bound"
      ? `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" fill="url(#${define(c, (id) => `<pattern id="${id}" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M 0 2 H 4 M 2 0 V 4" stroke="#1d1612" stroke-opacity="0.16"/></pattern>`)})"/>`
      : ""
  const binding = spiral
    ? Array.from(
        { length: 18 },
        (_, i) =>
          `<circle cx="116" cy="${72 + i * 15.2}" r="3.6" fill="#1d1612" fill-opacity="0.5"/><path d="M 116 ${n(72 + i * 15.2)} q -22 -8 -20 3 q 2 6 18 2" stroke="#8d9296" stroke-width="3" fill="none"/>`,
      ).join("")
    : `<rect x="104" y="56" width="24" height="290" fill="#1d1612" fill-opacity="0.16"/><rect x="272" y="56" width="8" height="290" fill="${luminance(c.main) > 0.6 ? darker(c.accent, 0.1) : c.accent}"/><path d="M 180 346 v 18 l 5 -5 l 5 5 v -18 Z" fill="#c4643f"/>`
  const plate = `<rect x="158" y="112" width="88" height="46" rx="3" fill="${CREAM}"/><path d="M 170 130 H 234 M 170 143 H 216" stroke="#5a4a3f" stroke-opacity="0.7" stroke-width="2.4"/>`
  return `${flatShadow(c, cover, 8, 11)}<path d="M 110 62 H 304 Q 309 62 309 68 V 348 Q 309 353 304 353 H 118 Z" fill="#efe8da"/><path d="M 304 66 V 350 M 306.5 66 V 350" stroke="#1d1612" stroke-opacity="0.2"/>${solid(c, cover, box, { fill: c.main, over: surface(c, c.look.pattern, box, { stripes: "down" }) + cloth, light: "flat" })}${plate}${binding}`
}

export function pencils(c: Canvas): string {
  const barrels = Array.from({ length: 8 }, (_, i) => {
    const x = 96 + i * 26.5
    const top = 70 + ((i * 11) % 14)
    const tint = i % 2 === 0 ? c.main : c.look.pattern === "striped" ? c.main : lighter(c.main, 0.16)
    const bands =
      c.look.pattern === "striped"
        ? Array.from(
            { length: 8 },
            (_, k) =>
              `<rect x="${n(x)}" y="${top + 60 + k * 26}" width="22" height="11" fill="${c.accent}"/>`,
          ).join("")
        : ""
    return `<path d="M ${n(x)} ${top + 40} L ${n(x + 11)} ${top} L ${n(x + 22)} ${top + 40} Z" fill="#e2bf8f"/><path d="M ${n(x + 7.2)} ${top + 14} L ${n(x + 11)} ${top} L ${n(x + 14.8)} ${top + 14} Z" fill="#38332f"/><rect x="${n(x)}" y="${top + 38}" width="22" height="${298 - top}" fill="${tint}"/>${bands}<rect x="${n(x)}" y="${top + 38}" width="6" height="${298 - top}" fill="#ffffff" fill-opacity="0.28"/><rect x="${n(x + 16)}" y="${top + 38}" width="6" height="${298 - top}" fill="#1d1612" fill-opacity="0.2"/>`
  }).join("")
  const d = rectPath(88, 222, 224, 128, 5)
  return `${flatShadow(c, rectPath(92, 90, 214, 250, 8))}${barrels}${solid(c, d, { x: 88, y: 222, w: 224, h: 128 }, { fill: "#e6d9c0", light: "flat" })}<rect x="88" y="222" width="224" height="8" fill="#1d1612" fill-opacity="0.1"/><rect x="140" y="262" width="120" height="46" rx="3" fill="${c.main}"/><path d="M 158 280 H 242 M 172 293 H 228" stroke="${luminance(c.main) > 0.55 ? "#38332f" : CREAM}" stroke-width="3" stroke-linecap="round"/>`
}

function greeting(c: Canvas): string {
  const bright = luminance(c.main) > 0.6 ? darker(c.main, 0.45) : CREAM
  const second = luminance(c.accent) > 0.85 ? "#f0d27c" : c.accent
  switch (c.look.edition) {
    case "cake":
      return `<rect x="150" y="216" width="100" height="52" rx="6" fill="${CREAM}"/><path d="M 150 228 q 12.5 18 25 0 t 25 0 t 25 0 t 25 0 V 218 Q 250 212 244 212 H 156 Q 150 212 150 218 Z" fill="${second}"/><rect x="168" y="174" width="64" height="40" rx="5" fill="${bright}"/>${[182, 200, 218].map((x) => `<rect x="${x - 2.5}" y="150" width="5" height="24" fill="#e8806a"/><path d="M ${x} 136 q 6 9 0 13 q -6 -4 0 -13 Z" fill="#f4a93c"/>`).join("")}<rect x="136" y="266" width="128" height="7" rx="3.5" fill="${bright}"/>`
    case "balloons":
      return [
        [168, 168, "#e8806a"],
        [230, 156, CREAM],
        [202, 194, second],
      ]
        .map(
          ([x, y, fill]) =>
            `<path d="M ${x} ${Number(y) + 32} Q ${(Number(x) + 200) / 2 + 4} 262 200 300" stroke="${bright}" stroke-width="2" fill="none"/><ellipse cx="${x}" cy="${y}" rx="25" ry="31" fill="${fill}"/><ellipse cx="${Number(x) - 8}" cy="${Number(y) - 11}" rx="5" ry="9" fill="#ffffff" fill-opacity="0.5"/>`,
        )
        .join("")
    case "flowers":
      return (
        [
          [-26, 176],
          [4, 154],
          [30, 182],
          [-4, 196],
        ]
          .map(
            ([dx, y], i) =>
              `<path d="M 200 286 Q ${200 + (dx ?? 0) * 0.4} 230 ${200 + (dx ?? 0)} ${y}" stroke="#5d7a45" stroke-width="3" fill="none"/>${flower(200 + (dx ?? 0), y ?? 0, 18, [CREAM, "#e8806a", second, "#f0d27c"][i] ?? CREAM, "#c48a2c")}`,
          )
          .join("") +
        leafShape(196, 262, 30, 9, -50, "#5d7a45") +
        leafShape(204, 256, 30, 9, 48, "#5d7a45") +
        `<path d="M 182 272 H 218 L 210 306 H 190 Z" fill="${bright}"/>`
      )
    case "heart":
      return `<path d="M 200 278 C 120 222 138 150 178 160 Q 194 164 200 184 Q 206 164 222 160 C 262 150 280 222 200 278 Z" fill="${luminance(c.main) < 0.4 ? "#ebbcb0" : "#c93f32"}"/><path d="M 164 184 Q 166 172 178 172" stroke="#ffffff" stroke-opacity="0.6" stroke-width="5" fill="none" stroke-linecap="round"/>`
    case "star":
      return (
        Array.from({ length: 14 }, (_, i) => {
          const x = 146 + ((i * 47) % 110)
          const y = 134 + ((i * 71) % 130)
          const r = 3 + (i % 4) * 2.4
          return `<path d="M ${x} ${n(y - r)} L ${n(x + r * 0.3)} ${n(y - r * 0.3)} L ${n(x + r)} ${y} L ${n(x + r * 0.3)} ${n(y + r * 0.3)} L ${x} ${n(y + r)} L ${n(x - r * 0.3)} ${n(y + r * 0.3)} L ${n(x - r)} ${y} L ${n(x - r * 0.3)} ${n(y - r * 0.3)} Z" fill="#f6e7c1"/>`
        }).join("") +
        `<path d="M 132 316 V 288 Q 168 258 200 280 Q 236 254 268 286 V 316 Z" fill="${darker(c.main, 0.45)}"/>`
      )
    default:
      return `<path d="M 146 214 L 200 166 L 254 214 Z" fill="#c4643f"/><rect x="156" y="212" width="88" height="72" fill="${CREAM}"/><rect x="190" y="240" width="22" height="44" fill="${bright === CREAM ? "#2e5443" : bright}"/><rect x="164" y="226" width="20" height="20" fill="#f0d27c"/><rect x="220" y="226" width="18" height="20" fill="#f0d27c"/><rect x="226" y="172" width="12" height="24" fill="#a4472a"/><path d="M 136 284 H 264" stroke="#5d7a45" stroke-width="6" stroke-linecap="round"/>`
  }
}

export function card(c: Canvas): string {
  const envelope = "M 150 116 L 344 140 L 330 330 L 138 306 Z"
  const face = rectPath(118, 86, 164, 240, 3)
  const paper = luminance(c.main) > 0.8 ? "#c9b08a" : CREAM
  return `${flatShadow(c, envelope)}<path d="${envelope}" fill="${darker(paper, 0.06)}"/><path d="M 150 116 L 232 236 L 344 140" fill="none" stroke="#1d1612" stroke-opacity="0.18" stroke-width="2.4"/>${flatShadow(c, face, 5, 7)}<path d="M 282 90 L 290 94 V 324 L 282 326 Z" fill="#fffaf0"/>${solid(c, face, { x: 118, y: 86, w: 164, h: 240 }, { fill: c.main, light: "flat" })}<rect x="128" y="96" width="144" height="220" fill="none" stroke="#ffffff" stroke-opacity="0.35" stroke-width="2"/>${greeting(c)}`
}
