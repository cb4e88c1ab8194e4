import { BISQUE, type Canvas, FLOOR, floorShadow, mouth, n, type Profile } from "./canvas.ts"
import { flower, leafShape } from "./patterns.ts"
import { turned } from "./pottery.ts"

const PROFILES: Record<string, Profile> = {
  bottle: [
    [92, 22],
    [110, 18],
    [160, 20],
    [206, 58],
    [262, 82],
    [310, 72],
    [FLOOR - 6, 58],
  ],
  bud: [
    [160, 18],
    [178, 15],
    [214, 38],
    [264, 62],
    [306, 54],
    [FLOOR - 5, 40],
  ],
  tapered: [
    [108, 76],
    [130, 74],
    [220, 60],
    [300, 46],
    [FLOOR - 6, 44],
  ],
  amphora: [
    [112, 42],
    [128, 34],
    [152, 40],
    [204, 84],
    [264, 72],
    [308, 44],
    [FLOOR - 6, 48],
  ],
  moon: [
    [128, 30],
    [142, 28],
    [160, 64],
    [224, 104],
    [290, 76],
    [314, 44],
    [FLOOR - 6, 42],
  ],
}

const STEMS = ["#7c8a56", "#8a7a4f", "#5f7a5a"] as const

/** What stands in the vase, or nothing: many shops show them empty. */
function stems(c: Canvas, y: number): string {
  const roll = c.random.unit()
  const green = c.random.pick(STEMS)
  if (roll < 0.42) return ""
  if (roll < 0.62) {
    // Eucalyptus: pairs of round leaves.
    const branch = (lean: number, height: number) =>
      `<path d="M 200 ${y + 6} Q ${n(200 + lean * 0.3)} ${n(y - height * 0.5)} ${n(200 + lean)} ${n(y - height)}" stroke="${green}" stroke-width="3" fill="none"/>` +
      [0.3, 0.48, 0.66, 0.84, 1]
        .map((t) => {
          const x = 200 + lean * t * t * 0.7 + lean * 0.3 * t
          const at = y - height * t
          return `<ellipse cx="${n(x - 9)}" cy="${n(at)}" rx="9" ry="6.5" fill="#93a78c"/><ellipse cx="${n(x + 9)}" cy="${n(at - 3)}" rx="9" ry="6.5" fill="#7f9679"/>`
        })
        .join("")
    return branch(-30, Math.min(84, y - 20)) + branch(26, Math.min(70, y - 26))
  }
  if (roll < 0.82) {
    const petals = c.random.pick(["#f6efe2", "#e8b04a", "#e59c93", "#b8a5d1"])
    return [-26, 4, 30]
      .map((lean, i) => {
        const top = y - Math.min([62, 84, 54][i] ?? 60, y - 24)
        return `<path d="M 200 ${y + 6} Q ${n(200 + lean * 0.2)} ${n((y + top) / 2)} ${200 + lean} ${n(top)}" stroke="${green}" stroke-width="2.6" fill="none"/>${leafShape(200 + lean * 0.4, (y + top) / 2, 22, 7, lean * 2, green)}${flower(200 + lean, top, 15, petals, "#c48a2c")}`
      })
      .join("")
  }
  // Dried grass.
  return [-34, -14, 6, 26]
    .map((lean, i) => {
      const top = y - Math.min(58 + ((i * 17) % 30), y - 20)
      return `<path d="M 200 ${y + 6} Q ${n(200 + lean * 0.2)} ${n((y + top) / 2)} ${200 + lean} ${n(top)}" stroke="#b79a66" stroke-width="2" fill="none"/><ellipse cx="${200 + lean}" cy="${n(top)}" rx="6" ry="19" fill="#d3b98f" transform="rotate(${n(lean * 0.7)} ${200 + lean} ${n(top)})"/>`
    })
    .join("")
}

export function vase(c: Canvas): string {
  const profile = PROFILES[c.look.form] ?? PROFILES.bottle
  if (!profile) return ""
  const [topY, topR] = profile[0] ?? [0, 0]
  const ears =
    c.look.form === "amphora"
      ? ["M 168 132 C 104 122 104 190 128 200", "M 232 132 C 296 122 296 190 272 200"]
          .map(
            (d) =>
              `<path d="${d}" fill="none" stroke="${c.main}" stroke-width="14" stroke-linecap="round"/><path d="${d}" fill="none" stroke="#1d1612" stroke-opacity="0.16" stroke-width="4" stroke-linecap="round"/>`,
          )
          .join("")
      : ""
  return (
    floorShadow(c, 204, FLOOR, 84) +
    ears +
    turned(c, 200, profile, { band: [0.46, 0.09], dip: { at: 0.56, bare: BISQUE, curve: 10 } }) +
    mouth(200, topY, topR, c.main) +
    stems(c, topY)
  )
}
