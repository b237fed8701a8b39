// Renders every part of the ToonHead design (CC BY 4.0, Johan Melin) alone, in marker colours, as raw RGBA,
// and 64 whole faces to hold the parts against. In a folder of its own, not in the course's:
//   npm i @dicebear/core@9.4.3 @dicebear/toon-head@9.4.3 @resvg/resvg-js sharp
//   node parts.mjs RENDERS
import fs from "node:fs";
import path from "node:path";
import { createAvatar } from "@dicebear/core";
import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";

const lib = path.resolve("node_modules/@dicebear/toon-head/lib");
const components = await import(`${lib}/components/index.js`);
const design = await import(`${lib}/index.js`);
const order = ["rearHair", "body", "head", "clothes", "mouth", "beard", "eyes", "eyebrows", "hair"];
const black = "#000000";
const white = "#ffffff";
const box = "24 -10 720 720"; // the square that holds hair, face and shoulders
const side = 512;
const out = process.argv[2];
fs.mkdirSync(out, { recursive: true });

async function render(svg, name, background) {
  const png = new Resvg(svg, { fitTo: { mode: "width", value: side }, background }).render().asPng();
  fs.writeFileSync(`${out}/${name}.rgba`, await sharp(png).ensureAlpha().raw().toBuffer());
}

function framed(slot, body) {
  const moved = slot === "rearHair" ? `<g transform="translate(0 10)">${body}</g>` : body;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" fill="none">${moved}</svg>`;
}

const outlined = svg =>
  svg
    .replace(/ stroke(-[a-z]+)?="[^"]*"/g, "")
    .replace(/ fill="(?!none)[^"]*"/g, ' fill="#fff" stroke="#000" stroke-width="8"')
    .replace(/ (fill-)?opacity="[^"]*"/g, ' stroke-opacity="0" fill-opacity="0"');

const list = [];
for (const slot of order)
  for (const variant of Object.keys(components[slot])) {
    const draw = colours => framed(slot, components[slot][variant]({}, colours));
    const all = colour => ({ skin: colour, hair: colour, clothes: colour });
    const kinds = { fixed: draw(all(black)), sketch: outlined(draw(all(white))) };
    for (const free of Object.keys(all())) kinds[free] = draw({ ...all(black), [free]: white });
    for (const [kind, svg] of Object.entries(kinds)) await render(svg, `${slot}.${variant}.${kind}`);
    list.push([slot, variant]);
  }
fs.writeFileSync(`${out}/list.json`, JSON.stringify({ order, list, side }));

const whole = [];
for (let i = 0; i < 64; i++) {
  const avatar = createAvatar(design, { seed: `whole${i}` });
  await render(avatar.toString().replace(/viewBox="[^"]*"/, `viewBox="${box}"`), `whole.${i}`, white);
  whole.push(avatar.toJson().extra);
}
fs.writeFileSync(`${out}/whole.json`, JSON.stringify(whole));
