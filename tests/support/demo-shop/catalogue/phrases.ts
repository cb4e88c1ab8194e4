import type { KindId } from "./kinds.ts"

/** How the shop's writer opens a description of each kind; {material}, {edition} and {brand} are filled in. */
export const OPENINGS: Record<KindId, readonly string[]> = {
  mug: [
    "A {material} mug with a handle that fits three fingers and a base that keeps tea warm.",
    "The mug you reach for first. Thrown in {material} and glazed inside and out.",
    "Holds 350 ml, stacks neatly, and feels right in both hands.",
  ],
  "espresso-cup": [
    "A small {material} cup and its saucer, made for one good espresso.",
    "Thick-walled so that a short coffee stays hot, with a saucer wide enough for a biscuit.",
  ],
  plate: [
    "A 27 cm {material} dinner plate with room for Sunday lunch.",
    "Everyday plates that look better with food on them. Pressed from {material} and glazed by hand.",
  ],
  bowl: [
    "A generous {material} bowl for noodles, salad or the last of the berries.",
    "Equally good for porridge, pasta and putting the keys in.",
    "Glazed {material} with a foot that lifts it off the table.",
  ],
  teapot: [
    "Pours without a drip and makes four cups. The strainer is built in.",
    "A proper {material} pot with a lid that stays on when you tip it.",
  ],
  cafetiere: [
    "Eight cups of coffee with a fine steel mesh, so the last pour is as clean as the first.",
    "A cafetière that stands up to daily use, with spare glass always in stock.",
  ],
  jug: [
    "A {material} jug for milk, gravy or garden flowers.",
    "Pinched by hand at the lip, so that it pours in a clean line.",
  ],
  vase: [
    "A {material} vase that holds a whole bunch or a single branch.",
    "Good-looking full and good-looking empty. Thrown in {material} in small batches.",
    "Glazed inside, so it is watertight, and weighted at the base.",
  ],
  "jar-candle": [
    "{edition}, poured in rapeseed and coconut wax with a cotton wick. Burns for about 45 hours.",
    "Our {edition} scent, slow-burning and never sugary. Reuse the jar afterwards.",
    "Hand-poured by {brand} in small batches: {edition}.",
  ],
  "dinner-candles": [
    "A set of four {material} candles, 25 cm tall, that burn clean for seven hours.",
    "Four {material} candles for the table. They do not drip if you keep them from a draught.",
  ],
  diffuser: [
    "{edition} in a slow diffuser that lasts about ten weeks. Turn the reeds when you pass.",
    "A quiet background of {edition}, no flame needed.",
  ],
  soap: [
    "{edition} soap, cold-processed and cured for six weeks.",
    "A hard, long-lasting bar of {edition}, kind to dry hands.",
    "Cut by hand from a block of {edition} soap, so weights vary a little.",
  ],
  "hand-wash": [
    "{edition} hand wash that rinses clean and does not dry the skin.",
    "A gentle {edition} hand wash in a pump bottle that can be refilled.",
  ],
  "bath-salts": [
    "{edition} bath salts. Two handfuls under the tap, and half an hour to yourself.",
    "{edition}: coarse sea salt, blended for the end of a long day.",
  ],
  tea: [
    "{edition}, whole leaf, packed fresh. Makes about fifty cups.",
    "Our {edition}: bright, clean, and good for a second steep.",
    "Loose {edition} from small gardens, blended by {brand}.",
  ],
  coffee: [
    "{edition}, roasted on Tuesdays and sent the day after. 250 g of whole beans.",
    "A sweet, rounded {edition} with a clean finish. 250 g.",
    "{edition} from growers {brand} has bought from for years. 250 g, whole bean.",
  ],
  cushion: [
    "A {material} cushion with a feather pad and a hidden zip.",
    "Soft {material} on both sides, plump, and the right size for an armchair.",
    "Sewn in small runs from {material} that gets better with washing.",
  ],
  bolster: [
    "A long {material} bolster for the end of the sofa or the head of the bed.",
    "Supports the small of your back and finishes a bed nicely. Covered in {material}.",
  ],
  throw: [
    "A soft {material} throw, 130 by 180 cm, light enough for summer evenings.",
    "Woven from {material} in a mill that has made blankets for a century.",
    "For the sofa, the end of the bed or the beach. {material} that does not itch.",
  ],
  rug: [
    "A hand-woven {material} rug that feels good under bare feet.",
    "Tough {material} for halls and kitchens, soft enough for a bedroom.",
    "Flat-woven in {material}, hard-wearing and easy to shake clean.",
  ],
  towel: [
    "A thick, thirsty {material} bath towel, 70 by 140 cm.",
    "A {material} towel that dries you and then dries itself. Has a hanging loop.",
  ],
  "tea-towel": [
    "A {material} tea towel that leaves glasses without streaks.",
    "Woven in {material}, big enough for a loaf and better with every wash.",
  ],
  apron: [
    "A {material} apron with a deep front pocket and long ties.",
    "A hard-wearing {material} apron for cooking, potting up or painting.",
  ],
  "oven-glove": [
    "A padded {material} oven glove, long in the cuff.",
    "Quilted {material} with a hanging loop, safe to 200 °C.",
  ],
  "table-lamp": [
    "A {material} table lamp with a linen shade and a warm, low light.",
    "Turned by hand and finished with a fabric flex and a brass switch.",
  ],
  pendant: [
    "A spun {material} pendant that throws light exactly where you eat.",
    "Hung low over a table or in a row over a counter. Takes an ordinary E27 bulb.",
  ],
  clock: [
    "A quiet wall clock, 30 cm across. The hands sweep, so there is no tick.",
    "A clear face you can read from across the kitchen. Runs a year on one battery.",
  ],
  mirror: [
    "A mirror with a painted frame that brightens a dark hall.",
    "Made of solid timber, painted by hand. Hangs from a hidden fitting.",
  ],
  print: [
    '"{edition}", printed on heavy cotton paper with pigment inks. Sent flat, unframed on request.',
    '"{edition}" from a run of 250, signed by the artist.',
  ],
  plant: [
    "A healthy {edition}, about 40 cm tall, potted up and ready for a shelf.",
    "{edition}: forgiving, good-looking, and happy with a drink once a week.",
  ],
  pot: [
    "A {material} plant pot with a drainage hole, for a 14 cm plant.",
    "Takes most shop-bought plants with room to grow. Fired in {material}.",
  ],
  "watering-can": [
    "A 1.5-litre watering can that reaches the back of the shelf without a spill.",
    "Well balanced when full, and good enough to leave out.",
  ],
  basket: [
    "Woven from {material} by hand, for blankets, logs or a large plant.",
    "A {material} basket that hides whatever the living room has collected.",
  ],
  "storage-jar": [
    "A {material} jar with a wooden lid that seals. For coffee, oats or pasta.",
    "Keeps biscuits crisp and worktops tidy. Glazed {material} under an ash lid.",
  ],
  board: [
    "Solid {material}, oiled and ready. One side for bread, one for cheese.",
    "A {material} board that is kind to knives and smart enough to serve on.",
  ],
  tote: [
    "A {material} bag that carries a week's vegetables or a laptop and lunch.",
    "Long handles, boxed base, inside pocket. Heavy {material} that keeps its shape.",
  ],
  backpack: [
    "A waxed {material} backpack with a padded sleeve and two outside pockets.",
    "Twenty litres of {material} that shrugs off the rain.",
  ],
  notebook: [
    "160 pages of ink-friendly paper that lie flat.",
    "A notebook for lists, sketches and half-ideas. Numbered pages, sewn spine.",
    "A5, dotted inside, with paper heavy enough for a fountain pen.",
  ],
  pencils: [
    "Eight HB pencils in {material}, sharpened and boxed.",
    "Smooth, strong leads in {material} barrels. They smell like the first day of term.",
  ],
  card: [
    "A folded card, left blank inside, with an envelope.",
    "Drawn in our studio and printed on recycled board. Blank inside.",
  ],
}

const FIRED: readonly string[] = [
  "Dishwasher and microwave safe.",
  "Safe in the dishwasher, though it will last longest washed by hand.",
  "Made in our workshop; small marks are part of it.",
  "Lead-free glaze.",
]
const WOVEN: readonly string[] = [
  "Wash at 30 and dry in the air.",
  "Cold wash, line dry.",
  "Softens with every wash.",
  "Made from certified yarn.",
]

/** Where a kind needs other care than its category. */
export const CARE_BY_KIND: Partial<Record<KindId, readonly string[]>> = {
  cafetiere: ["Rinse with warm water after each pot.", "Spare parts are always in stock."],
  diffuser: [
    "Vegan and made in small batches.",
    "Refills are sold separately.",
    "Keep out of reach of pets.",
  ],
  "dinner-candles": ["Keep them out of a draught.", "Made in small batches."],
  pot: ["Frost-proof.", "Plant not included.", "Add a layer of gravel for good drainage."],
  "watering-can": ["Empty it before a frost.", "Rustproof inside."],
  "storage-jar": ["Dishwasher safe without the lid.", "The seal can be replaced."],
}

/** A closing line on care or delivery for each category. */
export const CARE: Record<string, readonly string[]> = {
  "Mugs & Cups": FIRED,
  "Plates & Bowls": FIRED,
  "Teapots & Jugs": ["Comes boxed.", "Wash by hand to keep the glaze bright."],
  Vases: ["Flowers not included.", "Wipe clean with a damp cloth.", "Each is slightly different."],
  "Candles & Home Scent": [
    "Vegan and made in small batches.",
    "Trim the wick and keep it out of a draught.",
    "Refills welcome: send the empty one back.",
  ],
  "Bath & Body": ["Plastic-free packaging.", "Vegan, and never tested on animals.", "Suits sensitive skin."],
  "Tea & Coffee": [
    "Best within three months of opening.",
    "The pack is recyclable.",
    "Available as a repeat order.",
  ],
  "Cushions & Throws": WOVEN,
  Rugs: ["Use with an underlay on hard floors.", "Vacuum on low, turn twice a year."],
  "Towels & Kitchen Linen": WOVEN,
  Lighting: ["Bulb not included.", "Wired and tested in our workshop.", "Fabric flex, two metres."],
  "Clocks & Mirrors": ["Fixings included.", "Packed in a double box."],
  "Wall Art": ["Frames are sold separately.", "Sent in a stiff envelope or tube."],
  "Plants & Pots": [
    "Delivered in peat-free packaging.",
    "Likes bright light out of direct sun.",
    "Water when the top of the soil is dry.",
  ],
  "Storage & Boards": ["Wipe clean, do not soak.", "Natural materials vary in tone."],
  Bags: ["Made to be mended: repairs are free for five years.", "Sponge clean."],
  Stationery: ["Printed with vegetable inks.", "Recycled and recyclable."],
}
