// SPDX-License-Identifier: GPL-3.0-or-later
// The colours of the page's style sheet as a canvas wants them.

const LEVELS = [1, 0.85, 0.7, 0.55, 0.42];   // of a pixel that is covered so far
export const N_LEVELS = LEVELS.length;

function parse (text) {
  const hex = text.trim ().match (/^#([0-9a-f]{6})$/i)?.[1] ?? text.trim ().match (/^#([0-9a-f]{3})$/i)?.[1].replace (/./g, '$&$&');

  if (hex)
    return [0, 2, 4].map (at => parseInt (hex.slice (at, at + 2), 16));

  const numbers = text.match (/[\d.]+/g)?.map (Number) ?? [];

  return numbers.length >= 3 ? numbers.slice (0, 3) : [128, 128, 128];
}

const mix = (a, b, share) => a.map ((value, k) => Math.round (value * share + b[k] * (1 - share)));
const css = rgb => `rgb(${rgb.join (',')})`;
const isBright = ([r, g, b]) => 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2 > 0.18;

// Colours of the entries of a legend, by category and level; and those around them.
// `only`: the one category that keeps its colour; null: all do.
export function newPalette (element, entries, only = null) {
  const style = getComputedStyle (element);
  const value = name => style.getPropertyValue (name);
  const ground = parse (value ('--map-ground'));
  const heat = [1, 2, 3, 4, 5].map (k => parse (value (`--heat${k}`)));
  const colours = [];

  for (const entry of entries)
    colours[entry.category] = parse (value (entry.colour));
  for (let category = 0; category <= 7; category++)
    colours[category] ??= parse (value ('--c8'));
  colours[8] = mix (parse (value ('--c8')), ground, 0.38);
  if (only !== null)
    for (let category = 0; category <= 7; category++)
      if (category !== only)
        colours[category] = colours[8];

  return {
    font: style.fontFamily,
    ground: css (ground),
    fills: colours.map (colour => LEVELS.map (level => css (mix (colour, ground, level)))),
    second: colours.map (colour => css (mix (colour, ground, 0.9))),     // every other block, so that neighbours can be told apart
    rounding: colours.map (colour => css (mix (colour, ground, 0.5))),
    inks: colours.map (colour => isBright (colour) ? '#000' : '#fff'),
    heat: share => {
      const at = Math.min (Math.max (share, 0), 1) * 4;
      const k = Math.min (Math.floor (at), 3);

      return css (mix (heat[k], heat[k + 1], 1 - (at - k)));
    },
    hatch: value ('--map-hatch').trim (),
    edge: value ('--map-edge').trim (),
    text: value ('--text').trim (),
    dim: value ('--dim').trim (),
    line: value ('--line').trim (),
    accent: value ('--accent').trim (),
    ring: value ('--map-ring').trim (),
    bubble: value ('--map-bubble').trim (),
    bubbleText: value ('--map-bubble-text').trim (),
    kinds: { heap: value ('--map-heap').trim (), arena: value ('--map-arena').trim (), mmap: value ('--map-mmap').trim (), program: value ('--map-program').trim (),
             file: value ('--map-file').trim (), stack: value ('--map-stack').trim (), cluster: value ('--map-heap').trim () },
  };
}

// Level of a pixel of which a share is covered.
export const levelOf = share => share > 0.92 ? 0 : share > 0.75 ? 1 : share > 0.55 ? 2 : share > 0.3 ? 3 : 4;
