import { createHash } from "node:crypto"
import { escapeHtml } from "./liquid-engine.ts"

/** A calm tile with the title's first letter, for catalogues that bring no pictures: the same title, the same tile. */
export function placeholderImage(title: string): string {
  const [hue = 0, shape = 0] = createHash("sha256").update(title).digest()
  const degrees = Math.round((hue / 255) * 360)
  const letter = escapeHtml((title.match(/[\p{L}\p{N}]/u)?.[0] ?? "·").toUpperCase())
  const mark =
    shape % 3 === 0
      ? `<circle cx="200" cy="200" r="118" fill="hsl(${degrees} 28% 72%)"/>`
      : shape % 3 === 1
        ? `<rect x="88" y="88" width="224" height="224" rx="36" fill="hsl(${degrees} 28% 72%)"/>`
        : `<path d="M200 76 324 300H76Z" stroke-linejoin="round" stroke-width="24" stroke="hsl(${degrees} 28% 72%)" fill="hsl(${degrees} 28% 72%)"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><rect width="400" height="400" fill="hsl(${degrees} 30% 92%)"/>${mark}<text x="200" y="236" text-anchor="middle" font-family="Georgia, serif" font-size="104" fill="hsl(${degrees} 30% 30%)">${letter}</text></svg>`
}
