// SPDX-License-Identifier: GPL-3.0-or-later
// The flame graph's twin: the same tree as rows, with the numbers. Only the rows in
// sight exist.

import { h, replace } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { meter } from './charts.js';
import { COLOURS } from './flame.js';

const LINE = 28;
const OVERSCAN = 200;
// What is opened by itself, so that the weight is seen at once.
const OPEN_SHARE = .12;
const MAX_OPEN = 24;

export class CallTable {
  // words: name, place, weight, share, measure (); chosen (node), zoomed (node), menu (node, x, y)
  constructor (words) {
    this.words = words;
    this.canvas = h ('div', { class: 'canvas', role: 'none' });
    this.heads = h ('div', { class: 'call-line call-heads', role: 'row' });
    this.element = h ('div', { class: 'call-table', role: 'treegrid', tabindex: 0, onscroll: () => this.draw (), onkeydown: event => this.key (event) },
                      this.heads, this.canvas);
    this.open = new Set ();
    this.lines = [];
    this.selected = null;
    this.sort = 'total';
    new ResizeObserver (() => this.draw ()).observe (this.element);
  }

  // keep (node of the old tree) → the node here; what was open stays so.
  setTree (tree, keep, openHeaviest) {
    const old = this.tree;

    this.tree = tree;
    this.open = keep && old ? new Set ([...this.open].map (keep).filter (node => node)) : new Set ();
    if (openHeaviest || this.open.size === 0)
      this.openHeaviest ();
    this.drawHeads ();
    this.list ();
  }

  openHeaviest () {
    const queue = [...this.tree.childrenOf (0)];
    let opened = 0;

    for (let k = 0; k < queue.length && opened < MAX_OPEN; k++) {
      const children = this.tree.childrenOf (queue[k]);

      if (children.length === 0 || this.tree.share (queue[k]) < OPEN_SHARE)
        continue;
      this.open.add (queue[k]);
      opened++;
      queue.push (...children.slice (0, MAX_OPEN));
    }
  }

  ordered (node) {
    const { tree, sort } = this;
    const children = tree.childrenOf (node);

    if (sort === 'self')
      return [...children].sort ((a, b) => tree.weighOwn (b) - tree.weighOwn (a) || a - b);
    if (sort === 'births')
      return [...children].sort ((a, b) => tree.totalOf ('births', b) - tree.totalOf ('births', a) || a - b);
    if (sort === 'name')
      return [...children].sort ((a, b) => this.words.name (a).localeCompare (this.words.name (b)));

    return children;
  }

  list () {
    const stack = [0];

    this.lines = [];
    while (stack.length) {
      const node = stack.pop ();

      if (node)
        this.lines.push (node);
      if (node === 0 || this.open.has (node)) {
        const children = this.ordered (node);

        for (let k = children.length; k-- > 0;)
          stack.push (children[k]);
      }
    }
    this.canvas.style.setProperty ('height', `${this.lines.length * LINE + 6}px`);
    this.element.setAttribute ('aria-rowcount', String (this.lines.length + 1));
    this.drawn = null;
    this.draw ();
  }

  drawHeads () {
    const head = (key, words, figures) => h ('span', { role: 'columnheader', class: figures ? 'num' : null, 'aria-sort': this.sort === key ? key === 'name' ? 'ascending' : 'descending' : 'none' },
      h ('button', { type: 'button', 'data-sort': key, 'aria-pressed': String (this.sort === key), onclick: () => {
        this.sort = key;
        this.drawHeads ();
        this.list ();
      } }, words, this.sort === key ? icon (key === 'name' ? 'up' : 'down', 11) : null));

    replace (this.heads, head ('name', t ('Function')), h ('span', { role: 'columnheader' }, t ('Where')), head ('total', this.words.measure (), true),
             h ('span', { role: 'columnheader', class: 'num' }, t ('Of parent')), this.tree?.bottomUp ? h ('span', { role: 'columnheader' }) : head ('self', t ('Itself'), true), head ('births', t ('Allocations'), true));
  }

  draw () {
    if (!this.tree)
      return;

    const first = Math.max (Math.floor ((this.element.scrollTop - OVERSCAN) / LINE), 0);
    const last = Math.min (Math.ceil ((this.element.scrollTop + this.element.clientHeight + OVERSCAN) / LINE), this.lines.length);

    if (this.drawn && this.drawn[0] === first && this.drawn[1] === last)
      return;
    this.drawn = [first, last];
    replace (this.canvas, this.lines.slice (first, last).map ((node, k) => this.newLine (node, first + k)));
  }

  newLine (node, at) {
    const { tree, words } = this;
    const isOpen = this.open.has (node);
    const hasMore = tree.childrenOf (node).length > 0;
    const name = words.name (node);
    const colour = tree.colour[node];
    const line = h ('div', { class: 'call-line placed', role: 'row', 'data-node': node, 'aria-level': tree.depth[node], 'aria-rowindex': at + 2,
                             'aria-expanded': hasMore ? String (isOpen) : null, 'aria-selected': String (node === this.selected), id: `call-${node}`,
                             onclick: () => {
                               this.element.focus ({ preventScroll: true });
                               words.chosen (node);
                             }, ondblclick: () => words.zoomed (node), oncontextmenu: event => {
                               event.preventDefault ();
                               words.menu (node, event.clientX, event.clientY);
                             } },
      h ('span', { class: 'call-name', role: 'gridcell', style: { 'padding-left': `${Math.min (tree.depth[node] - 1, 40) * 14}px` } },
         hasMore ? h ('button', { class: 'flat call-toggle', type: 'button', tabindex: -1, 'aria-label': isOpen ? t ('Close {name}', { name }) : t ('Open {name}', { name }),
                                  onclick: event => {
                                    event.stopPropagation ();
                                    this.toggle (node);
                                  } }, icon (isOpen ? 'down' : 'next', 12)) : h ('span', { class: 'call-toggle' }),
         h ('i', { class: 'call-swatch', 'aria-hidden': 'true', style: { background: colour < 8 ? `var(${COLOURS[colour]})` : 'var(--outline)' } }),
         h ('code', { class: 'name', title: words.tip (node) }, this.marked (name))),
      h ('code', { class: 'name dim', role: 'gridcell' }, words.place (node)),
      h ('span', { class: 'call-total num', role: 'gridcell' }, meter (tree.share (node), 'var(--c1)'), h ('b', null, words.weight (tree.weigh (node))), h ('span', { class: 'dim caption' }, words.share (node))),
      h ('span', { class: 'num', role: 'gridcell' }, words.parentShare (node)),
      h ('span', { class: 'num', role: 'gridcell' }, tree.bottomUp ? null : words.weight (tree.weighOwn (node))),
      h ('span', { class: 'num', role: 'gridcell' }, count (tree.totalOf ('births', node))));

    line.style.setProperty ('top', `${at * LINE}px`);

    return line;
  }

  marked (name) {
    const at = this.needle ? name.toLowerCase ().indexOf (this.needle) : -1;

    return at < 0 ? name : [name.slice (0, at), h ('mark', null, name.slice (at, at + this.needle.length)), name.slice (at + this.needle.length)];
  }

  setNeedle (text) {
    this.needle = text.toLowerCase ();
    this.drawn = null;
    this.draw ();
  }

  toggle (node) {
    if (!this.open.delete (node))
      this.open.add (node);
    this.list ();
  }

  setSelected (node) {
    if (node === this.selected)
      return;
    this.selected = node;
    if (node) {
      let opened = false;

      for (let above = this.tree.parent[node]; above; above = this.tree.parent[above])
        if (!this.open.has (above)) {
          this.open.add (above);
          opened = true;
        }
      if (opened)
        this.list ();
      this.reveal ();
      this.element.setAttribute ('aria-activedescendant', `call-${node}`);
    } else {
      this.element.removeAttribute ('aria-activedescendant');
    }
    this.drawn = null;
    this.draw ();
  }

  reveal () {
    const at = this.lines.indexOf (this.selected) * LINE;
    const head = this.heads.offsetHeight;
    const { scrollTop, clientHeight } = this.element;

    if (at < scrollTop)
      this.element.scrollTop = at;
    else if (at + LINE + head > scrollTop + clientHeight)
      this.element.scrollTop = at + LINE + head - clientHeight;
  }

  key (event) {
    const { tree, selected } = this;

    if (!tree || event.ctrlKey || event.altKey || event.metaKey || event.target.closest ('button'))
      return;

    const at = this.lines.indexOf (selected);
    const go = place => this.lines.length && this.words.chosen (this.lines[Math.min (Math.max (place, 0), this.lines.length - 1)]);
    const page = Math.max (Math.floor (this.element.clientHeight / LINE) - 2, 1);
    const moves = { ArrowDown: () => go (at + 1), ArrowUp: () => go (at - 1), PageDown: () => go (at + page), PageUp: () => go (at - page),
                    Home: () => go (0), End: () => go (this.lines.length - 1),
                    Enter: () => selected && this.words.zoomed (selected),
                    ArrowRight: () => {
                      if (selected && tree.childrenOf (selected).length)
                        if (this.open.has (selected))
                          go (at + 1);
                        else
                          this.toggle (selected);
                    },
                    ArrowLeft: () => {
                      if (this.open.has (selected))
                        this.toggle (selected);
                      else if (selected && tree.parent[selected])
                        this.words.chosen (tree.parent[selected]);
                    } };

    if (!(event.key in moves))
      return;
    event.preventDefault ();
    moves[event.key] ();
  }
}
