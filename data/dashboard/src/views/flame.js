// SPDX-License-Identifier: GPL-3.0-or-later
// A call tree as boxes on a canvas: a level a row, as wide as they weigh. What would
// be narrower than a pixel is one box with its siblings. Only rows in sight are drawn.

import { h } from '../dom.js';

const ROW = 25;
const PADDING = 6;
const MIN_TEXT = 26;
const FONT = '12px "DejaVu Sans Mono", "Noto Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace';
const FIGURES = '11px Cantarell, Inter, "Noto Sans", "DejaVu Sans", sans-serif';
export const COLOURS = ['--c1', '--c2', '--c4', '--c5', '--c3', '--c6', '--c7', '--c8'];

// Neighbours of one module differ a little, so that they are told apart.
const SHADES = [1, .9, .8];

function parse (colour) {
  const hex = colour.trim ().replace ('#', '');

  return [0, 2, 4].map (at => parseInt (hex.slice (at, at + 2), 16));
}

const css = ([r, g, b]) => `rgb(${Math.round (r)},${Math.round (g)},${Math.round (b)})`;
const mix = (colour, ground, part) => colour.map ((channel, k) => channel * part + ground[k] * (1 - part));

// Black or white, whichever has more contrast (WCAG).
function inkOn (colour) {
  const [r, g, b] = colour.map (channel => channel / 255 <= .03928 ? channel / 255 / 12.92 : ((channel / 255 + .055) / 1.055) ** 2.4);
  const light = .2126 * r + .7152 * g + .0722 * b;

  return 1.05 / (light + .05) > (light + .05) / .05 ? '#fff' : '#000';
}

function readInks (element) {
  const style = getComputedStyle (element);
  const ground = parse (style.getPropertyValue ('--card'));
  const isDark = ground[0] < 128;
  const grey = mix (isDark ? [255, 255, 255] : [0, 0, 0], ground, .16);

  return [...COLOURS.map (name => [parse (style.getPropertyValue (name)), .26]), [grey, .6]].map (([colour, part]) =>
    SHADES.map (shade => {
      const ink = inkOn (colour);
      // Away from the text on it.
      const fill = mix (colour, ink === '#fff' ? [0, 0, 0] : [255, 255, 255], shade);
      const pale = mix (fill, ground, part);

      return { fill: css (fill), onFill: ink, pale: css (pale), onPale: inkOn (pale) };
    }));
}

export class Flame {
  // words: name (node), share (node), tip (box); chosen (node), zoomed (node), menu (node, x, y)
  constructor (words) {
    this.words = words;
    this.canvas = h ('canvas', { class: 'flame-canvas' });
    this.spacer = h ('div', { class: 'flame-spacer' }, this.canvas);
    this.element = h ('div', { class: 'flame', tabindex: 0, role: 'img', onscroll: () => this.queue (), onkeydown: event => this.key (event),
                               onpointermove: event => this.hover (event), onpointerleave: () => this.setHover (null),
                               onclick: event => this.pick (event, words.chosen), ondblclick: event => this.pick (event, words.zoomed),
                               oncontextmenu: event => {
                                 event.preventDefault ();
                                 this.pick (event, node => words.menu (node, event.clientX, event.clientY));
                               } }, this.spacer);
    this.root = 0;
    this.selected = null;
    this.hits = null;
    this.flames = false;
    this.hovered = null;
    this.cuts = new Map ();
    new ResizeObserver (() => this.layOut ()).observe (this.element);
    matchMedia ('(prefers-color-scheme: dark)').addEventListener ('change', () => this.queue ());
    new MutationObserver (() => this.queue ()).observe (document.documentElement, { attributeFilter: ['data-theme'] });
  }

  setTree (tree) {
    this.tree = tree;
    this.root = 0;
    this.selected = null;
    this.hits = null;
    this.cuts.clear ();
    this.layOut ();
  }

  setRoot (root) {
    this.root = root;
    this.layOut ();
    this.element.scrollTop = this.flames ? this.element.scrollHeight : 0;
  }

  setSelected (node) {
    this.selected = node;
    this.reveal ();
    this.queue ();
  }

  // Boxes row by row. Children lie side by side, heaviest first: once one is too
  // narrow, all after it are.
  layOut () {
    const { tree } = this;
    const width = Math.floor (this.element.clientWidth);

    this.rows = [];
    if (!tree || width < 1)
      return;
    if (tree.weigh (this.root) > 0) {
      let row = [{ node: this.root, more: 0, x: 0, width }];

      while (row.length) {
        const next = [];

        this.rows.push (row);
        for (const box of row)
          if (!box.more)
            this.layOutChildren (box, next);
        row = next;
      }
    }
    this.width = width;
    this.spacer.style.setProperty ('height', `${(tree.height[this.root] + 1) * ROW}px`);
    this.hovered = null;
    this.queue ();
  }

  layOutChildren (box, row) {
    const { tree } = this;
    const children = tree.childrenOf (box.node);
    const total = tree.weigh (box.node);
    let used = 0;

    for (let k = 0; k < children.length; k++) {
      const left = box.x + box.width * used / total;
      const x = Math.round (left);

      used += tree.weigh (children[k]);

      let right = box.x + box.width * used / total;

      if (right - left < 1 && k + 1 < children.length) {
        const more = children.length - k;

        for (k++; k < children.length; k++)
          used += tree.weigh (children[k]);
        right = box.x + box.width * used / total;
        if (Math.round (right) > x)
          row.push ({ node: box.node, more, x, width: Math.round (right) - x });
      } else if (Math.round (right) > x) {
        row.push ({ node: children[k], more: 0, x, width: Math.min (Math.round (right), box.x + box.width) - x });
      }
    }
  }

  get height () {
    return Math.max (this.rows.length * ROW, this.element.clientHeight);
  }

  top (row) {
    return this.flames ? this.height - (row + 1) * ROW : row * ROW;
  }

  queue () {
    if (this.frame)
      return;
    this.frame = requestAnimationFrame (() => {
      this.frame = 0;
      this.draw ();
    });
  }

  draw () {
    const { canvas, element } = this;
    const scale = devicePixelRatio;
    const height = element.clientHeight;

    if (!this.tree || !this.width || !height)
      return;
    if (canvas.width !== Math.round (this.width * scale) || canvas.height !== Math.round (height * scale)) {
      canvas.width = Math.round (this.width * scale);
      canvas.height = Math.round (height * scale);
      canvas.style.setProperty ('width', `${this.width}px`);
      canvas.style.setProperty ('height', `${height}px`);
    }

    const context = canvas.getContext ('2d');
    const inks = readInks (element);
    const scroll = element.scrollTop;

    context.setTransform (scale, 0, 0, scale, 0, 0);
    context.clearRect (0, 0, this.width, height);
    context.textBaseline = 'middle';
    this.rows.forEach ((row, k) => {
      const y = this.top (k) - scroll;

      if (y + ROW < 0 || y > height)
        return;
      for (const box of row)
        this.drawBox (context, box, y, inks);
    });
    this.drawMarks (context, scroll);
  }

  drawBox (context, box, y, inks) {
    const ink = box.more ? inks[8][0] : inks[this.tree.colour[box.node]][this.tree.shadeOf (box.node)];
    const hit = !box.more && this.hits?.isHit[box.node];
    const pale = this.hits && !hit;
    const width = box.width > 2 ? box.width - 1 : box.width;

    context.fillStyle = pale ? ink.pale : ink.fill;
    context.fillRect (box.x, y, width, ROW - 2);
    context.fillStyle = pale ? ink.onPale : ink.onFill;
    if (hit && width > 4)
      context.fillRect (box.x + 2, y + ROW - 5, width - 4, 1);
    if (!box.more && width >= MIN_TEXT)
      this.drawText (context, box, y, width - 2 * PADDING, hit);
  }

  drawText (context, box, y, room, bold) {
    const name = this.words.name (box.node).slice (0, 300);

    context.font = bold ? `bold ${FONT}` : FONT;
    context.fillText (this.cut (context, name, room, bold), box.x + PADDING, y + (ROW - 2) / 2 + .5);

    const left = context.measureText (name).width;

    if (left + 60 > room)
      return;

    const share = this.words.share (box.node);

    context.font = FIGURES;
    context.textAlign = 'right';
    if (left + 2 * PADDING + context.measureText (share).width <= room)
      context.fillText (share, box.x + PADDING + room, y + (ROW - 2) / 2 + .5);
    context.textAlign = 'left';
  }

  // As much of a name as there is room for: all letters are as wide.
  cut (context, name, room, bold) {
    const key = `${bold ? 'b' : ''}${Math.floor (room)} ${name}`;

    if (!this.cuts.has (key)) {
      let text = name;

      if (context.measureText (text).width > room) {
        let low = 0;
        let high = name.length;

        while (low < high) {
          const middle = (low + high + 1) >> 1;

          if (context.measureText (`${name.slice (0, middle)}…`).width <= room)
            low = middle;
          else
            high = middle - 1;
        }
        text = low ? `${name.slice (0, low)}…` : '';
      }
      if (this.cuts.size > 5000)
        this.cuts.clear ();
      this.cuts.set (key, text);
    }

    return this.cuts.get (key);
  }

  drawMarks (context, scroll) {
    const text = getComputedStyle (this.element).color;

    if (this.hovered) {
      context.globalAlpha = .16;
      context.fillStyle = text;
      context.fillRect (this.hovered.box.x, this.top (this.hovered.row) - scroll, Math.max (this.hovered.box.width - 1, 1), ROW - 2);
      context.globalAlpha = 1;
    }

    const found = this.selected === null ? null : this.boxOf (this.selected);

    if (found) {
      context.strokeStyle = text;
      context.lineWidth = 2;
      context.strokeRect (found.box.x + 1, this.top (found.row) - scroll + 1, Math.max (found.box.width - 3, 1), ROW - 4);
    }
  }

  // A node's box, or the one that stands for it and its siblings, or an ancestor's.
  boxOf (node) {
    const { tree } = this;

    if (!tree || !tree.isBelow (node, this.root))
      return null;
    for (;;) {
      const row = tree.depth[node] - tree.depth[this.root];
      const box = this.rows[row]?.find (candidate => candidate.node === (candidate.more ? tree.parent[node] : node));

      if (box)
        return { box, row };
      if (row === 0)
        return null;
      node = tree.parent[node];
    }
  }

  boxAt (event) {
    const area = this.element.getBoundingClientRect ();
    const x = event.clientX - area.left;
    const y = event.clientY - area.top + this.element.scrollTop;
    const row = Math.floor ((this.flames ? this.height - y : y) / ROW);
    const box = this.rows?.[row]?.find (candidate => x >= candidate.x && x < candidate.x + candidate.width);

    return box ? { box, row } : null;
  }

  setHover (hovered) {
    if (hovered?.box === this.hovered?.box)
      return;
    this.hovered = hovered;
    this.words.tip (hovered ? hovered.box : null, hovered ? { x: hovered.box.x, y: this.top (hovered.row) - this.element.scrollTop, width: hovered.box.width, height: ROW } : null);
    this.queue ();
  }

  hover (event) {
    this.setHover (this.boxAt (event));
  }

  pick (event, action) {
    const found = this.boxAt (event);

    if (found)
      action (found.box.node);
  }

  reveal () {
    const found = this.selected === null ? null : this.boxOf (this.selected);

    if (!found)
      return;

    const top = this.top (found.row);
    const { scrollTop, clientHeight } = this.element;

    if (top < scrollTop)
      this.element.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight)
      this.element.scrollTop = top + ROW - clientHeight;
  }

  key (event) {
    const { tree, root } = this;

    if (!tree || event.ctrlKey || event.altKey || event.metaKey)
      return;

    const node = this.selected ?? root;
    const siblings = node === root ? null : tree.childrenOf (tree.parent[node]);
    const step = by => siblings ? siblings[Math.min (Math.max (siblings.indexOf (node) + by, 0), siblings.length - 1)] : node;
    const inward = () => this.selected === null ? root : tree.childrenOf (node)[0] ?? node;
    const outward = () => node === root ? node : tree.parent[node];
    const deepest = () => {
      let end = node;

      while (tree.childrenOf (end).length)
        [end] = tree.childrenOf (end);
      return end;
    };
    const moves = { ArrowDown: this.flames ? outward : inward, ArrowUp: this.flames ? inward : outward,
                    ArrowLeft: () => step (-1), ArrowRight: () => step (1), Home: () => root, End: deepest };

    if (event.key in moves) {
      this.words.chosen (moves[event.key] ());
    } else if (event.key === 'Enter') {
      this.words.zoomed (node);
    } else if ((event.key === 'Escape' || event.key === 'Backspace') && root !== 0) {
      this.words.zoomed (tree.parent[root]);
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const found = this.boxOf (node);
      const area = this.element.getBoundingClientRect ();

      if (found)
        this.words.menu (node, area.left + found.box.x + Math.min (found.box.width / 2, 40), area.top + this.top (found.row) - this.element.scrollTop + ROW / 2);
    } else {
      return;
    }
    event.preventDefault ();
    event.stopPropagation ();
  }
}
