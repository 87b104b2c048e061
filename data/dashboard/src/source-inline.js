// SPDX-License-Identifier: GPL-3.0-or-later
// Where the data comes from: here, the page itself. A source is an object with
//
//   head ()          → Promise of the head (see memscope-page-model.c)
//   stacks ()        → Promise of the bytes of the stacks' tile
//   calls ()         → Promise of the bytes of the calls' tile (see memscope-page-calls.h)
//   rowTiles         how many tiles of rows there are
//   rows (index)     → Promise of the bytes of a tile (see memscope-page-tile.h)
//   extras (index)   → Promise of the text: a line of JSON for each row; null: none
//
// Views know nothing of it; a window that embeds the page brings its own.

function decodeBase64 (text) {
  const binary = atob (text);
  const bytes = new Uint8Array (binary.length);

  for (let i = 0; i < binary.length; i++)
    bytes[i] = binary.charCodeAt (i);

  return bytes;
}

async function unpack (element) {
  const packed = decodeBase64 (element.textContent);
  const stream = new Blob ([packed]).stream ().pipeThrough (new DecompressionStream ('gzip'));

  // Unpacked once: the text is of no more use.
  element.remove ();

  return new Uint8Array (await new Response (stream).arrayBuffer ());
}

export function openInlineSource () {
  const find = kind => [...document.querySelectorAll (`script[data-memscope="${kind}"]`)];
  const [head] = find ('head');
  const [stacks] = find ('stacks');
  const [calls] = find ('calls');
  const rows = find ('rows');
  const extras = find ('extras');
  const decoder = new TextDecoder ();
  const kept = new Map ();

  async function extrasOf (index) {
    if (!extras[index])
      return null;
    if (!kept.has (index))
      kept.set (index, unpack (extras[index]).then (bytes => decoder.decode (bytes).split ('\n')));
    return kept.get (index);
  }

  return {
    head: async () => JSON.parse (decoder.decode (await unpack (head))),
    stacks: () => unpack (stacks),
    calls: () => unpack (calls),
    rowTiles: rows.length,
    rows: index => unpack (rows[index]),
    extras: extrasOf,
  };
}
