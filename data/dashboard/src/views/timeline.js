// SPDX-License-Identifier: GPL-3.0-or-later
// Memory over time, and the range that is looked at. Large on the overview, a
// strip under the cards: one component, one range.

import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';

import { announce, h, replace, svg } from '../dom.js';
import { bytes, count, digitsFor, duration, moment } from '../format.js';
import { t } from '../i18n.js';
import { byteTicks, timeTicks } from './time-axis.js';

const DRAG_THRESHOLD = 4;

export class Timeline {
  constructor (store, { compact, withInstant = false }) {
    this.store = store;
    this.compact = compact;
    this.withInstant = withInstant;   // a press without a drag chooses the instant
    this.drawing = h ('div', { class: 'timeline-drawing' });
    this.element = h ('div', { class: compact ? 'timeline compact' : 'timeline' }, this.drawing);
    this.handles = ['begin', 'end'].map ((edge, i) => this.newHandle (edge, i));
    this.element.append (...this.handles);
    if (withInstant) {
      this.instant = this.newInstant ();
      this.element.append (this.instant);
    }
    this.element.addEventListener ('pointerdown', event => this.startDrag (event));
    new ResizeObserver (() => this.draw ()).observe (this.element);
  }

  get data () {
    return this.store.model.head.timeline;
  }

  get range () {
    return this.preview ?? this.store.state.range ?? [this.data.begin, this.data.end];
  }

  newHandle (edge, i) {
    return h ('div', { class: `handle handle-${edge}`, role: 'slider', tabindex: 0, 'aria-orientation': 'horizontal',
                       'aria-label': i ? t ('End of the range') : t ('Beginning of the range'),
                       onkeydown: event => this.moveHandle (event, i) });
  }

  newInstant () {
    return h ('div', { class: 'instant-mark', role: 'slider', tabindex: 0, 'aria-orientation': 'horizontal', 'aria-label': t ('Instant'),
                       onkeydown: event => this.moveInstant (event) });
  }

  moveInstant (event) {
    const [begin, end] = this.range;
    const step = (end - begin) / (event.shiftKey ? 10 : 100);
    const moves = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -10 * step, PageUp: 10 * step, Home: -Infinity, End: Infinity };

    if (!(event.key in moves))
      return;
    event.preventDefault ();
    this.store.setInstant (Math.round (Math.min (Math.max (this.store.instant + moves[event.key], begin), end)));
    announce (moment (this.store.instant, digitsFor (this.data.end - this.data.begin)));
  }

  // Arrow keys move by a hundredth of the recording, with Shift by a tenth.
  moveHandle (event, i) {
    const { begin, end } = this.data;
    const step = (end - begin) / (event.shiftKey ? 10 : 100);
    const moves = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step,
                    PageDown: -10 * step, PageUp: 10 * step, Home: -Infinity, End: Infinity };

    if (!(event.key in moves))
      return;
    event.preventDefault ();

    const range = [...this.range];
    const low = i ? range[0] + step : begin;
    const high = i ? end : range[1] - step;

    range[i] = Math.round (Math.min (Math.max (range[i] + moves[event.key], low), high));
    this.store.setRange (range);
    announce (this.words (range));
  }

  words ([begin, end]) {
    const digits = digitsFor (this.data.end - this.data.begin);

    return t ('Range {begin} – {end}, {length}', { begin: moment (begin, digits), end: moment (end, digits), length: duration (end - begin) });
  }

  timeAt (clientX) {
    const box = this.drawing.getBoundingClientRect ();
    const time = this.x.invert (clientX - box.left);

    return Math.round (Math.min (Math.max (time, this.data.begin), this.data.end));
  }

  startDrag (event) {
    if (event.button !== 0 || !this.x)
      return;

    const handle = this.handles.indexOf (event.target);
    const onInstant = this.withInstant && event.target === this.instant;
    const start = this.timeAt (event.clientX);
    const before = [...this.range];
    const anchor = handle === 0 ? before[1] : handle === 1 ? before[0] : start;
    let moved = handle >= 0;
    const move = next => {
      moved ||= Math.abs (next.clientX - event.clientX) >= DRAG_THRESHOLD;
      if (!moved)
        return;

      const at = this.timeAt (next.clientX);

      if (onInstant) {
        this.store.setInstant (Math.min (Math.max (at, before[0]), before[1]));
        return;
      }
      this.preview = [Math.min (anchor, at), Math.max (anchor, at)];
      this.place ();
    };
    const stop = () => {
      const chosen = this.preview;

      this.element.removeEventListener ('pointermove', move);
      this.element.removeEventListener ('pointerup', stop);
      this.element.removeEventListener ('pointercancel', stop);
      this.preview = null;
      if (chosen)
        this.store.setRange (chosen);
      else if (this.withInstant && !moved && start >= before[0] && start <= before[1])
        this.store.setInstant (start);
    };

    event.preventDefault ();
    this.element.setPointerCapture (event.pointerId);
    this.element.addEventListener ('pointermove', move);
    this.element.addEventListener ('pointerup', stop);
    this.element.addEventListener ('pointercancel', stop);
  }

  draw () {
    const width = this.drawing.clientWidth;
    const height = this.drawing.clientHeight;

    if (width < 40 || height < 20)
      return;

    const { data, compact } = this;
    const highest = Math.max (data.maxBytes, data.maxRss ?? 0, 1) * (compact ? 1.05 : 1.12);
    const labels = byteTicks (highest, 4);
    const left = compact ? 0 : Math.max (...labels.map (value => bytes (value).length)) * 6.6 + 10;
    const bottom = height - 18;

    this.x = scaleLinear ([data.begin, data.end], [left, width - (compact ? 0 : 6)]);
    this.y = scaleLinear ([0, highest], [bottom, compact ? 2 : 8]);
    this.bottom = bottom;
    this.marks = svg ('g');
    replace (this.drawing, svg ('svg', { width, height, role: 'img', 'aria-label': this.describe () },
      compact ? svg ('rect', { class: 'strip-ground', x: 0, y: 0, width, height: bottom, rx: 6 }) : this.drawGrid (labels, left, width),
      this.drawRates (), this.drawLive (), this.drawRss (), this.drawTimes (width), compact ? null : this.drawPeak (width),
      this.drawGaps (), this.drawModes (), this.drawMarks (), this.marks));
    this.place ();
  }

  describe () {
    const { summary } = this.store.whole;
    const { data } = this;

    return t ('Memory over time, {begin} to {end}: peak {peak} at {time}, {live} live at the end', {
      begin: moment (data.begin, 1), end: moment (data.end, 1), peak: bytes (summary.peakBytes),
      time: moment (summary.peakTime), live: bytes (summary.liveBytes) });
  }

  bucketTime (k) {
    const { begin, end, max } = this.data;

    return begin + k / max.length * (end - begin);
  }

  drawGrid (labels, left, width) {
    return svg ('g', null, labels.map (value => [
      svg ('path', { class: 'grid-line', d: `M${left} ${Math.round (this.y (value)) + 0.5}H${width}` }),
      svg ('text', { class: 'axis', x: left - 8, y: this.y (value) + 4, 'text-anchor': 'end' }, bytes (value)),
    ]));
  }

  drawLive () {
    const values = [...this.data.max, this.data.last[this.data.last.length - 1]];
    const x = (_, k) => this.x (this.bucketTime (k));
    const shape = area ().x (x).y0 (this.bottom).y1 (value => this.y (value)).curve (curveStepAfter);
    const edge = line ().x (x).y (value => this.y (value)).curve (curveStepAfter);

    return svg ('g', null, svg ('path', { class: 'live-area', d: shape (values) }), svg ('path', { class: 'live-line', d: edge (values) }));
  }

  drawRss () {
    const points = this.data.rss.map ((value, k) => [k + 0.5, value]).filter (([, value]) => value !== null);

    if (points.length === 0)
      return null;

    return svg ('path', { class: 'rss-line', d: line ().x (([k]) => this.x (this.bucketTime (k))).y (([, value]) => this.y (value)) (points) });
  }

  // Ticks at the foot, about one for each 8 pixels: births of the buckets below it.
  drawRates () {
    const { births } = this.data;
    const width = this.x (this.data.end) - this.x (this.data.begin);
    const n = Math.max (Math.min (Math.floor (width / (this.compact ? 5 : 8)), births.length), 1);
    const sums = new Array (n).fill (0);

    births.forEach ((value, k) => {
      sums[Math.floor (k * n / births.length)] += value;
    });

    const highest = Math.max (...sums, 1);
    const tall = this.compact ? 10 : (this.bottom - 8) * 0.22;

    return svg ('path', { class: 'rate-ticks', d: sums.map ((value, k) => {
      const x = this.x (this.data.begin) + (k + 0.5) / n * width;

      return value > 0 ? `M${x.toFixed (1)} ${this.bottom}V${(this.bottom - Math.max (value / highest * tall, 1)).toFixed (1)}` : '';
    }).join ('') });
  }

  drawTimes (width) {
    const { begin, end } = this.data;
    const times = timeTicks (begin, end, Math.floor (width / 90));
    const step = times.length > 1 ? times[1] - times[0] : end - begin;
    const digits = step % 1e9 === 0 ? 0 : Math.min (Math.max (Math.ceil (-Math.log10 (step / 1e9) - 1e-9), 1), 9);

    const half = moment (0, digits).length * (this.compact ? 3 : 3.4);

    return svg ('g', null, times.filter (time => this.compact || this.x (time) + half <= width).map (time => {
      const x = this.x (time);
      const anchor = this.compact ? 'start' : 'middle';

      return this.compact && x + 2 * half + 3 > width ? null
        : svg ('text', { class: 'axis', x: this.compact ? x + 3 : x, y: this.bottom + 14, 'text-anchor': anchor }, moment (time, digits));
    }));
  }

  drawPeak (width) {
    const { summary } = this.store.whole;
    const x = this.x (summary.peakTime);
    const y = this.y (summary.peakBytes);

    if (!(summary.peakBytes > 0) || !Number.isFinite (x))
      return null;

    const right = x > width - 150;

    return svg ('g', null, svg ('circle', { class: 'peak', cx: x, cy: y, r: 4 }),
                svg ('text', { class: 'peak-label', x: x + (right ? -8 : 8), y: Math.max (y - 4, 14), 'text-anchor': right ? 'end' : 'start' },
                     t ('Peak {size}', { size: bytes (summary.peakBytes) })));
  }

  drawMarks () {
    const { marks } = this.store.model.head;
    const top = this.compact ? 2 : 8;

    return svg ('g', null, marks.slice (0, 40).map (([time, , text]) => {
      const x = this.x (time);
      const words = this.store.model.text (text);

      return svg ('g', { class: 'mark' }, svg ('path', { d: `M${x} ${top}V${this.bottom}` }), svg ('path', { class: 'mark-flag', d: `M${x} ${top}l7 3.500l-7 3.500z` }),
                  svg ('title', null, words.slice (0, 1000)), this.compact ? null : svg ('text', { class: 'axis', x: x + 10, y: top + 6 }, words.slice (0, 60)));
    }));
  }

  // Where events were lost the curve is not to be believed.
  drawGaps () {
    const { begin, end } = this.data;

    return svg ('g', null, this.store.model.head.gaps.filter (([from, to]) => from < end && to >= begin).map (([from, to]) => {
      const x = this.x (Math.max (from, begin));

      return svg ('rect', { class: 'gap', x, y: this.compact ? 2 : 8, width: Math.max (this.x (Math.min (to, end)) - x, 3), height: this.bottom - (this.compact ? 2 : 8) },
                  svg ('title', null, t ('Events were lost here')));
    }));
  }

  // From where on every allocation was recorded, or samples were taken.
  drawModes () {
    return svg ('g', null, this.store.model.head.modes.map (([time, interval]) => {
      const x = this.x (time);
      const words = interval ? t ('sampled every {size}', { size: bytes (interval) }) : t ('every allocation');

      return svg ('g', { class: 'mode-change' }, svg ('path', { d: `M${x} ${this.compact ? 2 : 8}V${this.bottom}` }), svg ('title', null, words),
                  this.compact ? null : svg ('text', { class: 'axis', x: x + 4, y: 26 }, words));
    }));
  }

  // The range on the drawing, and the handles at its edges.
  place () {
    if (!this.x)
      return;

    const range = this.range;
    const chosen = this.preview !== undefined && this.preview !== null || this.store.state.range !== null;
    const [from, to] = range.map (time => this.x (time));
    const label = this.words (range);

    replace (this.marks, !chosen ? null : [
      svg ('rect', { class: 'range', x: from, y: 0, width: Math.max (to - from, 1), height: this.bottom }),
      this.compact ? null : this.rangeLabel (label, from, to),
    ]);
    this.placeInstant (range);
    this.handles.forEach ((handle, i) => {
      handle.style.setProperty ('left', `${i ? to : from}px`);
      handle.style.setProperty ('top', `${this.bottom / 2}px`);
      handle.setAttribute ('aria-valuemin', Math.round (this.data.begin / 1e3));
      handle.setAttribute ('aria-valuemax', Math.round (this.data.end / 1e3));
      handle.setAttribute ('aria-valuenow', Math.round (range[i] / 1e3));
      handle.setAttribute ('aria-valuetext', moment (range[i], digitsFor (this.data.end - this.data.begin)));
    });
  }

  placeInstant ([begin, end]) {
    const { instant } = this.store;

    if (!this.withInstant)
      return;
    this.instant.style.setProperty ('left', `${this.x (Math.min (Math.max (instant, begin), end))}px`);
    this.instant.style.setProperty ('height', `${this.bottom}px`);
    this.instant.setAttribute ('aria-valuemin', Math.round (begin / 1e3));
    this.instant.setAttribute ('aria-valuemax', Math.round (end / 1e3));
    this.instant.setAttribute ('aria-valuenow', Math.round (instant / 1e3));
    this.instant.setAttribute ('aria-valuetext', moment (instant, digitsFor (this.data.end - this.data.begin)));
  }

  rangeLabel (label, from, to) {
    const wide = label.length * 6.4 + 20;
    const middle = Math.min (Math.max ((from + to) / 2, wide / 2), this.drawing.clientWidth - wide / 2);

    return svg ('g', { class: 'range-label' },
                svg ('rect', { x: middle - wide / 2, y: this.bottom - 24, width: wide, height: 20, rx: 10 }),
                svg ('text', { x: middle, y: this.bottom - 10, 'text-anchor': 'middle' }, label));
  }

  // The same as lines of a table: about thirty of them.
  lines () {
    const { data } = this;
    const per = Math.max (Math.ceil (data.max.length / 30), 1);
    const digits = digitsFor (data.end - data.begin);
    const lines = [];

    for (let k = 0; k < data.max.length; k += per) {
      const part = { from: k, to: Math.min (k + per, data.max.length) };
      const slice = column => data[column].slice (part.from, part.to);
      const rss = slice ('rss').filter (value => value !== null);

      lines.push ([moment (this.bucketTime (k), digits), bytes (Math.max (...slice ('max'))), bytes (data.last[part.to - 1]),
                   rss.length ? bytes (Math.max (...rss)) : '–',
                   count (slice ('births').reduce ((a, b) => a + b, 0)), count (slice ('deaths').reduce ((a, b) => a + b, 0))]);
    }

    return lines;
  }
}
