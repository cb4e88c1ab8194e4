import { type Canvas, define, luminance, mix } from "./canvas.ts"

/** Soft studio grounds; the one nearest in lightness to the product is passed over. */
const GROUNDS = [
  "#f3eee6",
  "#ece7e1",
  "#e9e4d8",
  "#e4e8e3",
  "#f1e4dc",
  "#e3e7ec",
  "#efe6d3",
  "#e8dfe2",
] as const

function distance(a: string, b: string): number {
  let sum = 0
  for (const at of [1, 3, 5])
    sum += (Number.parseInt(a.slice(at, at + 2), 16) - Number.parseInt(b.slice(at, at + 2), 16)) ** 2
  return Math.sqrt(sum)
}

export type Scene = "table" | "wall" | "above"

export function backdrop(canvas: Canvas, scene: Scene): string {
  const apart = GROUNDS.filter((ground) => distance(ground, canvas.main) > 48)
  let ground: string = canvas.random.pick(apart.length > 0 ? apart : GROUNDS)
  // A pale product needs a deeper ground to stand out from.
  if (luminance(canvas.main) > 0.82)
    ground = mix(ground, canvas.random.pick(["#a9967c", "#8d9a92", "#a98f86", "#8b97a6"]), 0.42)
  const glow = define(
    canvas,
    (id) =>
      `<radialGradient id="${id}" cx="0.34" cy="0.28" r="0.85"><stop offset="0" stop-color="#ffffff" stop-opacity="0.6"/><stop offset="1" stop-color="#ffffff" stop-opacity="0"/></radialGradient>`,
  )
  const floor =
    scene === "table"
      ? `<rect y="286" width="400" height="114" fill="${mix(ground, "#6b5138", 0.14)}"/><rect y="286" width="400" height="2" fill="${mix(ground, "#6b5138", 0.24)}"/>`
      : ""
  return `<rect width="400" height="400" fill="${ground}"/><rect width="400" height="400" fill="url(#${glow})"/>${floor}`
}
