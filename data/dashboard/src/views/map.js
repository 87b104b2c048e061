// SPDX-License-Identifier: GPL-3.0-or-later
// The memory map: real addresses, to scale, at one instant. The exported page and
// the window that embeds it draw with this.
//
//   const map = mountMap (host, { data, names, state, actions });
//
// host     an element with a size (position: relative); the map fills it. It needs
//          main.css of the page, and dom.js / i18n.js of the same bundle
//          (setLanguage () before mounting; mount again after a change).
// data     a MapData (below), or null while it is being made: the map then says so.
// names    what ids are called:
//            thread (id)   → text
//            variable (i)  → { name, source, type } (source: 'api', 'file', 'dwarf', 'source', 'site' or null)
//            site (i)      → [function, place]
//          openMapBlob () makes one from the head of a blob.
// state    what is shown; each member may be left out:
//            row         the selected block's row, or null
//            colour      'thread' | 'age' | 'size' | 'stage' | 'variable' | 'type'
//            lanes       'region' | 'thread'
//            scale       'fit' (each lane over the whole width) | 'same' (one scale for all)
//            heat        'bytes' | 'blocks' (what the strip of pages shows)
//            table       true: the table twin instead of the drawing
//            side        false: without the side panel
//            complete    false: not all blocks are there (a page that left some out): the map says so
//            instant     ns; only what to say of it, data is already that of the instant
// actions  called by the map, each may be left out:
//            select (row | null)      a click or Enter chose this block
//            inspect (row)            Enter or a double click on the selected one
//            changed ({ name: value, … })   the person changed these members of the state: to be remembered
//            describe (text)          the sentence that sums the map up (also the accessible name)
//
// The result:
//   map.setData (data, names)   another instant, range or filter. What is zoomed to and
//                               selected stays where it is, by address and row.
//   map.set (state)             members of the state, as above
//   map.showRow (row)           selects a block and zooms until it can be seen; false: not there
//   map.showRange (start, end)  BigInts; zooms to these addresses
//   map.redraw ()               after a change of theme (it listens for the system's by itself)
//   map.describe ()             the sentence
//   map.destroy ()
//
// MapData, as openMapBlob () of map-data.js reads it from memscope-map-blob.h, and
// liveMap () of map-live.js computes it from the rows of an exported page:
//   n                                     blocks, ascending by address, then row
//   low, high: Uint32Array                the address, exactly
//   size, birth, death, row: Float64Array    death: Infinity = alive at the end
//   rounding, thread, deathThread, variable, site, stack, region: Uint32Array
//                                         rounding 0xffffffff: not recorded
//   stage, origin, flags: Uint8Array      as in memscope-address-map.h
//   regions, areas, hotPages              as in the head of a blob; addresses as BigInt; hotPages may be null
//   instant, begin, end, pageSize, sampled, hasDeaths, mappingsTime, selected, liveBytes, overlapping

import { announce, h, replace } from '../dom.js';
import { bytes, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { askAddress } from './map-address.js';
import { drawBar, drawCrumbs } from './map-bar.js';
import { Card, blockSentence } from './map-card.js';
import { classify } from './map-colours.js';
import { addressOf, findRow, hex, usedBytes } from './map-data.js';
import { drawLane, mostOnPage } from './map-draw.js';
import { listenToMap } from './map-input.js';
import { laneFigures, laneStart, newLanes } from './map-lanes.js';
import { drawOver } from './map-over.js';
import { newPalette } from './map-palette.js';
import { Scale } from './map-scale.js';
import { Side } from './map-side.js';
import { Twin } from './map-table.js';
import { TOP_HEIGHT, addressOfX, drawTop, isRuler, placeAreas } from './map-top.js';
import { describe, drawNotes } from './map-words.js';

export { openMapBlob } from './map-data.js';

const NARROW = 620;        // of the map's drawing: labels stand above the lanes
const LABELS = 148;
const STRIP = 52;           // taller where there is room for it
const STRIP_TALLEST = 84;
const STRIP_CHOSEN = 106;
const HEAT = 8;
const HEAT_GAP = 4;
const LANE_GAP = 15;
const LABEL_LINE = 20;
const CLOSE = 12;          // a block that is zoomed to: its share of the width is 1 / this … 1

class MemoryMap {
  constructor (host, { data, names, state = {}, actions = {} }) {
    this.host = host;
    this.actions = actions;
    this.state = { row: null, colour: 'thread', lanes: 'region', scale: 'fit', heat: 'bytes', table: false, side: true, instant: null, complete: true, ...state };
    this.scale = new Scale ();
    this.scale.mode = this.state.scale;
    this.scale.whole ();
    this.lanes = [];
    this.laneTops = [];
    this.data = null;
    this.selected = -1;
    this.lane = null;
    this.pointer = null;
    this.dragging = false;
    this.marked = [];        // rows, and where they are in the data
    this.marks = [];
    this.only = null;        // the one class of the legend that is shown in colour
    this.build ();
    this.observer = new ResizeObserver (() => this.resize ());
    this.observer.observe (this.main);
    this.schemes = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map (query => matchMedia (query));
    this.recolour = () => this.redraw ();
    for (const scheme of this.schemes)
      scheme.addEventListener ('change', this.recolour);
    this.setData (data, names);
  }

  // ---- elements -----------------------------------------------------------------

  build () {
    const canvas = name => h ('canvas', { class: name, 'aria-hidden': 'true' });

    this.crumbs = h ('nav', { class: 'map-crumbs', 'aria-label': t ('Where in memory') });
    this.bar = h ('div', { class: 'map-bar' });
    this.topCanvas = canvas ('map-top-canvas');
    this.topWords = h ('div', { class: 'map-top-words' });
    this.bubble = h ('div', { class: 'map-bubble', hidden: true, 'aria-hidden': 'true' });
    this.top = h ('div', { class: 'map-top' }, this.topWords, this.topCanvas, this.bubble);
    this.base = canvas ('map-canvas');
    this.over = canvas ('map-canvas');
    this.labels = h ('div', { class: 'map-labels' });
    this.stage = h ('div', { class: 'map-stage' }, this.base, this.over);
    this.space = h ('div', { class: 'map-space' }, this.stage, this.labels);
    this.field = h ('div', { class: 'map-field', tabindex: 0, role: 'application', 'aria-roledescription': t ('memory map'), onscroll: () => this.draw () }, this.space);
    this.field.addEventListener ('focus', () => this.drawOver ());
    this.field.addEventListener ('blur', () => this.drawOver ());
    this.notes = h ('p', { class: 'map-words caption dim' });
    this.empty = h ('div', { class: 'status-page map-empty', hidden: true });
    this.twin = new Twin (this);
    this.main = h ('div', { class: 'map-main' }, this.top, this.field, this.twin.element, this.empty, this.notes);
    this.side = new Side (this);
    this.body = h ('div', { class: 'map-body' }, this.main, this.side.element);
    this.host.classList.add ('map');
    replace (this.host, this.bar, this.body);
    this.card = new Card (this.main);
    listenToMap (this);
  }

  drawCrumbs () {
    if (!this.asking)
      drawCrumbs (this);
  }

  // In a narrow window the legend is opened when it is asked for.
  get isSideOpen () {
    return this.isNarrow ? this.sideAsked === true : this.state.side !== false;
  }

  // ---- data ----------------------------------------------------------------------

  setData (data, names) {
    const kept = this.data && this.lane ? { key: this.lane.key, whole: this.scale.isWhole, from: this.lane.address (this.scale.windowOf (this.lane)[0]), span: this.scale.windowOf (this.lane)[1] - this.scale.windowOf (this.lane)[0] } : null;

    this.names = names ?? this.names;
    this.data = data;
    this.card.hide ();
    if (data === null) {
      this.showEmpty (t ('The map is being made…'), null);
      return;
    }

    this.makeLanes ();
    if (kept) {
      this.lane = this.lanes.find (lane => lane.key === kept.key) ?? null;

      const at = this.lane?.positionOf (kept.from) ?? null;

      if (!kept.whole && at !== null)
        this.scale.show (this.lane, at, at + kept.span);
    }
    this.selected = findRow (data, this.state.row);
    this.marked = this.marked.filter (row => findRow (data, row) >= 0);
    this.marks = this.marked.map (row => findRow (data, row));
    if (this.selected >= 0 && !this.lane)
      this.lane = this.laneOf (this.selected);
    this.show ();
  }

  makeLanes () {
    this.lanes = newLanes (this.data, this.names, this.state.lanes);
    this.scale.setLanes (this.lanes);
    this.most = mostOnPage (this.lanes);
    this.makeColours ();
  }

  makeColours () {
    this.legend = classify (this.data, this.names, this.state.colour);
    if (this.only !== null && !this.legend.entries.some (entry => entry.category === this.only))
      this.only = null;
    this.palette = newPalette (this.host, this.legend.entries, this.only);
    for (const lane of this.lanes)
      lane.sumCategories (this.legend.categories);
  }

  // One class of the legend in colour, the others pale; again: all of them.
  showOnly (category) {
    this.only = this.only === category ? null : category;
    this.palette = newPalette (this.host, this.legend.entries, this.only);
    this.side.draw ();
    this.draw ();
  }

  set (state) {
    const before = { ...this.state };

    Object.assign (this.state, state);

    const { state: now } = this;

    if (now.scale !== before.scale)
      this.scale.setMode (now.scale, this.lane ?? this.lanes[0]);
    if (this.data === null)
      return;
    if (now.lanes !== before.lanes) {
      const selected = this.selected;

      this.makeLanes ();
      this.lane = selected >= 0 ? this.laneOf (selected) : null;
      this.scale.whole ();
    } else if (now.colour !== before.colour) {
      this.only = null;
      this.makeColours ();
    }
    if (now.row !== before.row) {
      this.selected = findRow (this.data, now.row);
      if (this.selected >= 0)
        this.lane = this.laneOf (this.selected);
    }
    this.show ();
  }

  // What the person changed.
  change (state) {
    if ('side' in state && this.isNarrow) {
      this.sideAsked = state.side;
      this.show ();
      return;
    }
    this.set (state);
    this.actions.changed?.(state);
  }

  laneOf (i) {
    return this.lanes.find (lane => lane.numberOf (i) >= 0) ?? null;
  }

  // ---- what is shown -----------------------------------------------------------------

  showEmpty (title, words, action) {
    this.empty.hidden = false;
    this.top.hidden = true;
    this.field.hidden = true;
    this.notes.hidden = true;
    this.twin.element.hidden = true;
    this.side.element.hidden = true;
    replace (this.empty, h ('h3', null, title), words ? h ('p', { class: 'dim' }, words) : null, action ?? null);
    drawBar (this);
    this.drawCrumbs ();
    this.describeAll ();
  }

  show () {
    const { data, state } = this;

    if (data.n === 0) {
      this.showEmpty (t ('Nothing alive at this instant'), data.mappingsTime === null ? null : t ('The mappings of the process are recorded, but no block of the selection lies in them.'));
      return;
    }
    this.empty.hidden = true;
    this.top.hidden = state.table;
    this.field.hidden = state.table;
    this.twin.element.hidden = !state.table;
    this.side.element.hidden = !this.isSideOpen;
    this.card.hide ();
    drawBar (this);
    this.drawCrumbs ();
    drawNotes (this);
    this.side.draw ();
    this.twin.draw ();
    this.describeAll ();
    this.layout ();
  }

  describe () {
    return describe (this);
  }

  describeAll () {
    const words = this.describe ();

    this.field.setAttribute ('aria-label', `${words}. ${t ('Arrows go from block to block and from lane to lane, plus and minus zoom, Enter selects and then inspects.')}`);
    if (words !== this.described)
      this.actions.describe?.(words);
    this.described = words;
  }

  // ---- layout --------------------------------------------------------------------------

  get isNarrow () {
    return this.main.clientWidth > 0 && this.host.clientWidth < 760;
  }

  resize () {
    if (this.data === null || this.data.n === 0)
      return;

    const narrow = this.isNarrow;

    if (narrow !== this.wasNarrow) {
      this.wasNarrow = narrow;
      this.side.element.hidden = !this.isSideOpen;
      drawBar (this);
    }
    this.layout ();
  }

  layout () {
    const { field } = this;
    const full = field.clientWidth;

    if (this.state.table || full < 40)
      return;

    this.above = full < NARROW;
    this.host.classList.toggle ('map-is-narrow', this.isNarrow);
    this.host.classList.toggle ('map-is-above', this.above);
    this.left = this.above ? 12 : LABELS;
    this.width = Math.max (full - this.left - (this.above ? 12 : 18), 16);
    this.laneTops = [];

    const label = this.above ? LABEL_LINE : 0;
    const around = label + HEAT_GAP + HEAT + LANE_GAP;
    const room = (field.clientHeight - 14 - STRIP_CHOSEN + STRIP) / Math.max (this.lanes.length, 1) - around;
    const usual = Math.round (Math.min (Math.max (room, STRIP), STRIP_TALLEST));
    let y = this.above ? 2 : 10;

    for (const lane of this.lanes) {
      const strip = lane === this.lane ? Math.max (STRIP_CHOSEN, usual) : usual;

      this.laneTops.push ({ top: y, strip: y + label, height: strip, bottom: y + label + strip + HEAT_GAP + HEAT });
      y += label + strip + HEAT_GAP + HEAT + LANE_GAP;
    }
    this.space.style.setProperty ('height', `${Math.max (y, field.clientHeight)}px`);
    this.stage.style.setProperty ('height', `${field.clientHeight}px`);
    this.ratio = Math.min (window.devicePixelRatio || 1, 3);
    for (const canvas of [this.base, this.over])
      this.size (canvas, full, field.clientHeight);
    this.size (this.topCanvas, full, TOP_HEIGHT);
    this.placed = placeAreas (this.data, this.left, this.width);
    this.draw ();
  }

  size (canvas, width, height) {
    const w = Math.max (Math.round (width * this.ratio), 1);
    const h2 = Math.max (Math.round (height * this.ratio), 1);

    if (canvas.width !== w || canvas.height !== h2) {
      canvas.width = w;
      canvas.height = h2;
      canvas.style.setProperty ('width', `${width}px`);
      canvas.style.setProperty ('height', `${height}px`);
    }
  }

  // ---- drawing -----------------------------------------------------------------------------

  // At most once a frame.
  draw () {
    this.asked ??= requestAnimationFrame (() => {
      this.asked = null;
      this.drawNow ();
    });
  }

  drawNow () {
    if (this.data === null || this.data.n === 0 || this.state.table || !this.ratio)
      return;

    const begun = performance.now ();
    const { base, ratio, field } = this;
    const context = base.getContext ('2d');
    const scrolled = field.scrollTop;
    let drawn = 0;

    context.clearRect (0, 0, base.width, base.height);
    this.lanes.forEach ((lane, k) => {
      const place = this.laneTops[k];

      if (place.bottom < scrolled || place.top > scrolled + field.clientHeight)
        return;

      const box = { left: Math.round (this.left * ratio), top: Math.round ((place.strip - scrolled) * ratio), width: Math.round (this.width * ratio), height: Math.round (place.height * ratio) };
      const heatBox = { ...box, top: box.top + box.height + Math.round (HEAT_GAP * ratio), height: Math.round (HEAT * ratio) };

      drawn += drawLane (context, lane, box, heatBox, this.scale.windowOf (lane), { legend: this.legend, palette: this.palette, ratio, heat: this.state.heat, most: this.most,
                                                                                   nameOf: i => this.names.variable (this.data.variable[i]).name });
    });
    this.drawLabels ();
    drawTop (this);
    this.drawOver ();
    this.lastFrame = { ms: performance.now () - begun, rectangles: drawn };
  }

  drawLabels () {
    const { field, labels } = this;
    const from = field.scrollTop - 40;
    const to = field.scrollTop + field.clientHeight + 40;
    const key = this.lanes.map ((lane, k) => this.laneTops[k].bottom >= from && this.laneTops[k].top <= to ? `${lane.key} ${this.laneTops[k].top} ${lane === this.lane} ${this.data.instant}` : '').join ('|');

    if (this.labelled === key)
      return;
    this.labelled = key;
    replace (labels, this.lanes.map ((lane, k) => {
      const place = this.laneTops[k];

      if (place.bottom < from || place.top > to)
        return null;

      const chosen = lane === this.lane;
      const figures = chosen ? laneFigures (lane) : null;
      const label = h ('div', { class: `map-label${chosen ? ' map-label-chosen' : ''}` },
                       h ('button', { class: 'map-label-name', type: 'button', tabindex: -1, title: lane.label.slice (0, 2000), onclick: () => this.chooseLane (lane) }, laneName (lane.label)),
                       lane.kind === 'thread' ? null : h ('code', { class: 'dim map-label-address' }, lane.kind === 'heap' && lane.recorded ? '[heap]' : hex (laneStart (lane))),
                       lane.note ? h ('span', { class: 'dim' }, lane.note) : null,
                       figures ? h ('span', { class: 'dim' }, n ('{bytes}, {n} block', '{bytes}, {n} blocks', figures.blocks, { bytes: bytes (figures.length) })) : null,
                       figures && figures.fragmentation !== null ? h ('span', { class: 'dim' }, t ('{share} % fragmented', { share: percent (figures.fragmentation) })) : null,
                       lane.recorded || (!chosen && !this.above) ? null : h ('span', { class: 'dim' }, t ('inferred from addresses')));

      label.style.setProperty ('top', `${place.top}px`);

      return label;
    }));
  }

  get rulerLane () {
    return this.lane ?? (this.pointer ? this.laneAt (this.pointer.y) : null) ?? this.lanes[0];
  }

  // Selection, cursor, marks: over the lanes, so that these need not be drawn again.
  drawOver () {
    if (this.data !== null && this.data.n > 0 && this.ratio && !this.state.table)
      drawOver (this);
  }

  redraw () {
    if (this.data === null || this.data.n === 0)
      return;
    this.palette = newPalette (this.host, this.legend.entries, this.only);
    this.worded = null;
    this.draw ();
  }

  // ---- where things are ------------------------------------------------------------------------

  laneAt (y) {
    const at = y + this.field.scrollTop;
    const k = this.laneTops.findIndex (place => at >= place.top && at <= place.bottom + LANE_GAP);

    return k >= 0 ? this.lanes[k] : null;
  }

  positionAt (lane, x) {
    const [from, to] = this.scale.windowOf (lane);

    return from + (x - this.left) / this.width * (to - from);
  }

  // The block under a point, or the largest in its pixel; −1: none.
  blockAt ({ x, y }) {
    const lane = this.laneAt (y);

    if (!lane || x < this.left || x > this.left + this.width)
      return -1;

    const [from, to] = this.scale.windowOf (lane);
    const perPixel = (to - from) / this.width;
    const position = this.positionAt (lane, x);
    const exact = lane.at (position);

    if (exact >= 0 && usedBytes (this.data, lane.block (exact)) >= perPixel)
      return lane.block (exact);

    const near = lane.largestBetween (position - perPixel / 2, position + perPixel / 2);

    return near >= 0 ? lane.block (near) : exact >= 0 ? lane.block (exact) : -1;
  }

  othersAt ({ x, y }) {
    const lane = this.laneAt (y);
    const [from, to] = this.scale.windowOf (lane);
    const perPixel = (to - from) / this.width;
    const position = this.positionAt (lane, x);

    return Math.max (lane.before (position + perPixel / 2) - Math.max (lane.firstReaching (position - perPixel / 2), 0) - 1, 0);
  }

  isRuler (y) {
    return isRuler (y);
  }

  // ---- pointer -----------------------------------------------------------------------------------

  point (at) {
    this.pointer = at;
    this.hovered = -1;
    if (at === null || at.x < this.left || at.x > this.left + this.width || !this.laneAt (at.y)) {
      this.card.hide ();
    } else {
      const page = this.pageAt (at);
      const i = page ? -1 : this.blockAt (at);
      const offset = this.field.offsetTop;

      if (page) {
        this.card.showPage (page, at.x, at.y + offset);
      } else if (i >= 0) {
        this.hovered = i;
        this.card.showBlock (this.data, this.names, i, this.othersAt (at), at.x, at.y + offset);
      } else {
        this.pointAtHole (at, offset);
      }
    }
    this.drawOver ();
  }

  // The page under a point of the strip below a lane; null: none.
  pageAt ({ x, y }) {
    const k = this.lanes.indexOf (this.laneAt (y));
    const place = this.laneTops[k];
    const over = y + this.field.scrollTop - (place?.strip ?? 0) - (place?.height ?? 0);

    if (!place || over < 0 || over > HEAT_GAP + HEAT + 3)
      return null;

    const lane = this.lanes[k];
    const size = this.data.pageSize;
    const position = this.positionAt (lane, x);
    const begin = Math.floor (position / size) * size;
    const end = Math.min (begin + size, lane.length);

    return position < 0 || position >= lane.length ? null
      : { lane, address: lane.address (begin), size: end - begin, used: lane.coveredBefore (end) - lane.coveredBefore (begin),
          blocks: Math.max (lane.before (end) - lane.firstReaching (begin), 0), born: lane.before (end) - lane.before (begin) };
  }

  pointAtHole (at, offset) {
    const lane = this.laneAt (at.y);
    const position = this.positionAt (lane, at.x);

    if (position < 0 || position >= lane.length) {
      this.card.hide ();
      return;
    }

    const next = lane.before (position);
    const segment = lane.segmentAt (position);
    const from = Math.max (next > 0 ? lane.reach[next - 1] : 0, segment.at);
    const to = Math.min (next < lane.n ? lane.position[next] : lane.length, segment.at + segment.length);

    if (to > from)
      this.card.showHole (lane, from, to, at.x, at.y + offset);
    else
      this.card.hide ();
  }

  click (at) {
    const i = this.blockAt (at);
    const lane = this.laneAt (at.y);

    this.field.focus ({ preventScroll: true });
    if (this.isNarrow && this.sideAsked)
      this.change ({ side: false });
    if (i >= 0)
      this.choose (i);
    else if (lane)
      this.chooseLane (lane);
    this.point (at);
  }

  showBand (a, b) {
    this.band = a === null || b === undefined ? null : [Math.max (Math.min (a, b), this.left), Math.min (Math.max (a, b), this.left + this.width)];
    this.drawOver ();
  }

  zoomToBand (a, b, lane) {
    if (!lane || Math.abs (a - b) < 3)
      return;

    const [from, to] = [Math.min (a, b), Math.max (a, b)].map (x => this.positionAt (lane, x));

    this.scale.show (lane, Math.max (from, 0), to);
    this.moved ();
  }

  goToX (x) {
    const address = addressOfX (this.placed, x);

    if (address === null)
      return;

    const lane = this.lanes.find (candidate => candidate.positionOf (address) !== null)
      ?? [...this.lanes].sort ((a, b) => Number (distance (laneStart (a), address) - distance (laneStart (b), address)))[0];
    const at = lane?.positionOf (address) ?? null;

    if (!lane)
      return;
    this.lane = lane;
    if (at !== null && !this.scale.isWhole) {
      const [from, to] = this.scale.windowOf (lane);

      this.scale.show (lane, at - (to - from) / 2, at + (to - from) / 2);
    }
    this.layout ();
    this.revealLane ();
    this.moved ();
  }

  // ---- moves -------------------------------------------------------------------------------------

  moved () {
    this.card.hide ();
    this.drawCrumbs ();
    this.draw ();
  }

  zoomAt (factor, around, lane) {
    this.scale.zoom (lane ?? this.rulerLane, factor, Math.min (Math.max (around, 0), 1));
    this.moved ();
  }

  // Around the selected block if it is in sight, else around the middle.
  zoomBy (factor) {
    let around = 0.5;

    if (this.data === null || this.data.n === 0)
      return;
    if (this.selected >= 0 && this.lane) {
      const [from, to] = this.scale.windowOf (this.lane);
      const k = this.lane.numberOf (this.selected);
      const share = k >= 0 ? ((this.lane.position[k] + this.lane.end (k)) / 2 - from) / (to - from) : 0.5;

      if (share >= 0 && share <= 1)
        around = share;
    }
    this.zoomAt (factor, around, this.lane);
  }

  pan (share) {
    this.scale.pan (share);
    this.moved ();
  }

  fit () {
    this.scale.whole ();
    this.moved ();
  }

  goOut () {
    this.lane = null;
    this.marked = [];
    this.marks = [];
    this.scale.whole ();
    this.select (-1);
    this.show ();
  }

  escape () {
    if (this.only !== null)
      this.showOnly (null);
    else if (!this.scale.isWhole)
      this.fit ();
    else if (this.selected >= 0 || this.lane || this.marked.length)
      this.goOut ();
    else
      return false;

    return true;
  }

  // An address that somebody has from elsewhere.
  askAddress () {
    if (this.data !== null && this.data.n > 0)
      askAddress (this);
  }

  // ---- selection -------------------------------------------------------------------------------------

  select (i) {
    this.selected = i;
    this.state.row = i >= 0 ? this.data.row[i] : null;
    this.actions.select?.(this.state.row);
  }

  choose (i) {
    const lane = this.laneOf (i);

    this.select (i);
    if (lane !== this.lane)
      this.chooseLane (lane);
    else if (this.state.table)
      this.twin.draw ();
    this.drawOver ();
  }

  chooseLane (lane) {
    this.lane = lane;
    this.drawCrumbs ();
    this.side.draw ();
    this.twin.draw ();
    this.layout ();
    this.revealLane ();
  }

  inspect (i) {
    this.select (i);
    this.actions.inspect?.(this.data.row[i]);
  }

  enter () {
    const i = this.current;

    if (i < 0)
      return;
    if (i === this.selected)
      this.inspect (i);
    else
      this.choose (i);
    announce (blockSentence (this.data, this.names, i));
  }

  // What the keys are at: the selected block, or the first in sight of the lane.
  get current () {
    if (this.walked !== undefined && this.walked >= 0 && this.walked < this.data.n && this.laneOf (this.walked) === this.lane)
      return this.walked;
    if (this.selected >= 0)
      return this.selected;

    const lane = this.lane ?? this.lanes[0];

    if (!lane || lane.n === 0)
      return -1;

    const k = Math.min (lane.firstReaching (this.scale.windowOf (lane)[0]), lane.n - 1);

    return lane.block (k);
  }

  walkTo (lane, k) {
    const i = lane.block (Math.min (Math.max (k, 0), lane.n - 1));

    this.walked = i;
    this.hovered = i;
    if (this.lane !== lane)
      this.chooseLane (lane);
    this.select (i);
    this.reveal (lane, lane.numberOf (i));
    this.showCardOf (lane, lane.numberOf (i));
    announce (blockSentence (this.data, this.names, i));
  }

  // Who walks by keys sees the same card as who points.
  showCardOf (lane, k) {
    const place = this.laneTops[this.lanes.indexOf (lane)];
    const [from, to] = this.scale.windowOf (lane);
    const middle = Math.min (Math.max (((lane.position[k] + lane.end (k)) / 2 - from) / (to - from), 0), 1);

    if (place && !this.state.table)
      this.card.showBlock (this.data, this.names, lane.block (k), 0, this.left + middle * this.width, this.field.offsetTop + place.strip + place.height - this.field.scrollTop - 6);
  }

  step (by) {
    const lane = this.lane ?? this.lanes[0];

    if (!lane || lane.n === 0)
      return;
    if (this.selected < 0 || lane.numberOf (this.selected) < 0)
      this.walkTo (lane, lane.numberOf (this.current));
    else
      this.walkTo (lane, lane.numberOf (this.selected) + by);
  }

  stepTo (k) {
    const lane = this.lane ?? this.lanes[0];

    if (lane?.n > 0)
      this.walkTo (lane, Math.min (k, lane.n - 1));
  }

  // To the block of the next lane that stands nearest below.
  stepLane (by) {
    const at = this.lane ? this.lanes.indexOf (this.lane) : by > 0 ? -1 : this.lanes.length;
    const lane = this.lanes[Math.min (Math.max (at + by, 0), this.lanes.length - 1)];

    if (!lane || lane.n === 0 || lane === this.lane)
      return;

    let share = 0;

    if (this.lane && this.selected >= 0) {
      const [from, to] = this.scale.windowOf (this.lane);
      const k = this.lane.numberOf (this.selected);

      share = k >= 0 ? (this.lane.position[k] - from) / (to - from) : 0;
    }

    const [from, to] = this.scale.windowOf (lane);

    this.walkTo (lane, Math.min (lane.firstReaching (from + share * (to - from)), lane.n - 1));
  }

  // Brings a block into sight without a change of scale, if it is not.
  reveal (lane, k) {
    const [from, to] = this.scale.windowOf (lane);
    const begin = lane.position[k];
    const end = lane.end (k);

    if (end <= from || begin >= to) {
      const middle = (begin + end) / 2;

      this.scale.show (lane, middle - (to - from) / 2, middle + (to - from) / 2);
    }
    this.revealLane ();
    this.moved ();
  }

  revealLane () {
    const place = this.laneTops[this.lanes.indexOf (this.lane)];
    const { field } = this;

    if (!place)
      return;
    if (place.top < field.scrollTop)
      field.scrollTop = place.top - 6;
    else if (place.bottom > field.scrollTop + field.clientHeight)
      field.scrollTop = Math.min (place.bottom + 8 - field.clientHeight, place.top - 6);
  }

  zoomToBlock (i) {
    const lane = this.laneOf (i);
    const k = lane.numberOf (i);
    const size = Math.max (lane.end (k) - lane.position[k], 16);
    const middle = (lane.position[k] + lane.end (k)) / 2;

    this.scale.show (lane, middle - size * CLOSE / 2, middle + size * CLOSE / 2);
  }

  zoomToSelected () {
    if (this.selected < 0)
      return;
    this.zoomToBlock (this.selected);
    this.reveal (this.lane, this.lane.numberOf (this.selected));
  }

  showRow (row) {
    const i = this.data === null ? -1 : findRow (this.data, row);

    if (i < 0)
      return false;
    this.state.row = row;
    this.selected = i;
    this.lane = this.laneOf (i);
    this.zoomToBlock (i);
    this.show ();
    this.revealLane ();

    return true;
  }

  showRange (start, end) {
    const lane = this.lanes.find (candidate => candidate.positionOf (start) !== null);

    if (!lane)
      return false;

    const at = lane.positionOf (start);

    this.lane = lane;
    this.scale.show (lane, at, at + Number (end - start));
    this.show ();
    this.revealLane ();

    return true;
  }

  showPage (page) {
    const size = BigInt (this.data.pageSize);

    if (this.state.table)
      this.change ({ table: false });
    if (!this.showRange (page.address - size, page.address + 2n * size) && !this.showRange (page.address, page.address + size))
      announce (t ('Nothing is alive there at this instant'));
  }

  // The blocks that hold the end of a region, and the end they hold.
  showPins (region) {
    const first = region.first + region.blocks - region.pins;

    if (this.state.table)
      this.change ({ table: false });
    if (this.state.lanes !== 'region')
      this.change ({ lanes: 'region' });
    this.marks = Array.from ({ length: region.pins }, (_, k) => first + k);
    this.marked = this.marks.map (i => this.data.row[i]);

    const from = addressOf (this.data, first);
    const span = region.end - from;

    this.showRange (from - span / 20n > region.start ? from - span / 20n : region.start, region.end);
    announce (n ('{n} block holds the end of {region}', '{n} blocks hold the end of {region}', region.pins, { region: region.label.slice (0, 100) }));
  }

  destroy () {
    this.observer.disconnect ();
    for (const scheme of this.schemes)
      scheme.removeEventListener ('change', this.recolour);
    if (this.asked)
      cancelAnimationFrame (this.asked);
    this.host.classList.remove ('map');
    replace (this.host);
  }
}

const distance = (a, b) => a > b ? a - b : b - a;

// Beside a lane, what it is and whose has a line each.
function laneName (label) {
  const [what, ...whose] = label.slice (0, 200).split (' · ');

  return [h ('span', null, what), whose.length ? [h ('span', { class: 'map-label-dot' }, ' · '), h ('span', null, whose.join (' · '))] : null];
}

export function mountMap (host, options) {
  return new MemoryMap (host, options);
}
