import type { KindId } from "../catalogue/kinds.ts"
import type { DemoProduct } from "../catalogue/product.ts"
import { backdrop, type Scene } from "./backdrop.ts"
import { type Canvas, makeCanvas, SIZE } from "./canvas.ts"
import { bolster, cushion, rug, throwBlanket, towel } from "./cloth.ts"
import { bowl, plate } from "./crockery.ts"
import { backpack, basket, board, tote } from "./goods.ts"
import { plant, wateringCan } from "./green.ts"
import { clock, mirror, pendant, tableLamp } from "./light.ts"
import { apron, ovenGlove, teaTowel } from "./linen.ts"
import { cafetiere, coffeeBag, teaTin } from "./pantry.ts"
import { card, notebook, pencils, print } from "./paper.ts"
import { espressoCup, jug, mug, pot, storageJar, teapot } from "./pottery.ts"
import { bathSalts, diffuser, dinnerCandles, handWash, jarCandle, soap } from "./scent.ts"
import { vase } from "./vase.ts"

/** How each kind is drawn, and what it stands on, hangs from or lies on. */
const DRAWINGS: Record<KindId, { scene: Scene; draw: (canvas: Canvas) => string }> = {
  mug: { scene: "table", draw: mug },
  "espresso-cup": { scene: "table", draw: espressoCup },
  plate: { scene: "above", draw: plate },
  bowl: { scene: "table", draw: bowl },
  teapot: { scene: "table", draw: teapot },
  cafetiere: { scene: "table", draw: cafetiere },
  jug: { scene: "table", draw: jug },
  vase: { scene: "table", draw: vase },
  "jar-candle": { scene: "table", draw: jarCandle },
  "dinner-candles": { scene: "table", draw: dinnerCandles },
  diffuser: { scene: "table", draw: diffuser },
  soap: { scene: "above", draw: soap },
  "hand-wash": { scene: "table", draw: handWash },
  "bath-salts": { scene: "table", draw: bathSalts },
  tea: { scene: "table", draw: teaTin },
  coffee: { scene: "table", draw: coffeeBag },
  cushion: { scene: "above", draw: cushion },
  bolster: { scene: "above", draw: bolster },
  throw: { scene: "above", draw: throwBlanket },
  rug: { scene: "above", draw: rug },
  towel: { scene: "table", draw: towel },
  "tea-towel": { scene: "wall", draw: teaTowel },
  apron: { scene: "wall", draw: apron },
  "oven-glove": { scene: "wall", draw: ovenGlove },
  "table-lamp": { scene: "table", draw: tableLamp },
  pendant: { scene: "wall", draw: pendant },
  clock: { scene: "wall", draw: clock },
  mirror: { scene: "wall", draw: mirror },
  print: { scene: "wall", draw: print },
  plant: { scene: "table", draw: plant },
  pot: { scene: "table", draw: pot },
  "watering-can": { scene: "table", draw: wateringCan },
  basket: { scene: "table", draw: basket },
  "storage-jar": { scene: "table", draw: storageJar },
  board: { scene: "wall", draw: board },
  tote: { scene: "table", draw: tote },
  backpack: { scene: "table", draw: backpack },
  notebook: { scene: "above", draw: notebook },
  pencils: { scene: "above", draw: pencils },
  card: { scene: "above", draw: card },
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
}

/** The picture of a product as SVG text, 400 by 400: the same product gives the same text. */
export function productImage(product: Pick<DemoProduct, "item" | "look" | "title">): string {
  const canvas = makeCanvas(product)
  const drawing = DRAWINGS[canvas.look.kind]
  const ground = backdrop(canvas, drawing.scene)
  const content = drawing.draw(canvas)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${escapeXml(product.title)}"><defs>${canvas.defs.join("")}</defs>${ground}${content}</svg>\n`
}
