// SPDX-License-Identifier: GPL-3.0-or-later
// What part of the lanes is in sight. `fit`: the same share of each lane; `same`: the
// same offsets in all, one scale.

const FEWEST = 16;   // bytes across the whole width

export class Scale {
  constructor () {
    this.mode = 'fit';
    this.from = 0;
    this.to = 1;
    this.longest = 1;
  }

  setLanes (lanes) {
    this.longest = Math.max (1, ...lanes.map (lane => lane.length));
    if (this.mode === 'same' && this.wasWhole)
      this.to = this.longest;
    this.clamp (this.longest);
  }

  get end () {
    return this.mode === 'fit' ? 1 : this.longest;
  }

  get isWhole () {
    return this.from <= 0 && this.to >= this.end;
  }

  // The part of a lane in sight, in its positions.
  windowOf (lane) {
    return this.mode === 'fit' ? [this.from * lane.length, this.to * lane.length] : [this.from, this.to];
  }

  show (lane, from, to) {
    const per = this.mode === 'fit' ? Math.max (lane.length, 1) : 1;

    this.from = from / per;
    this.to = to / per;
    this.clamp (lane.length);
  }

  whole () {
    this.from = 0;
    this.to = this.end;
  }

  setMode (mode, lane) {
    if (mode === this.mode)
      return;

    const whole = this.isWhole;
    const [from, to] = lane ? this.windowOf (lane) : [0, 1];

    this.mode = mode;
    if (whole || !lane)
      this.whole ();
    else
      this.show (lane, from, to);
  }

  // By a factor (above 1: closer) around a share of the width.
  zoom (lane, factor, around) {
    const at = this.from + (this.to - this.from) * around;
    const wide = (this.to - this.from) / factor;

    this.from = at - wide * around;
    this.to = this.from + wide;
    this.clamp (lane?.length ?? this.longest);
  }

  // By a share of the width.
  pan (share) {
    const wide = this.to - this.from;
    const by = Math.min (Math.max (wide * share, -this.from), this.end - this.to);

    this.from += by;
    this.to += by;
  }

  clamp (length) {
    const fewest = Math.min (this.mode === 'fit' ? FEWEST / Math.max (length, FEWEST) : FEWEST, this.end);
    const wide = Math.min (Math.max (this.to - this.from, fewest), this.end);
    const middle = (this.from + this.to) / 2;

    if (Math.abs (wide - (this.to - this.from)) > wide * 1e-12) {
      this.from = middle - wide / 2;
      this.to = middle + wide / 2;
    }
    if (this.from < 0) {
      this.to -= this.from;
      this.from = 0;
    }
    if (this.to > this.end) {
      this.from = Math.max (this.from - (this.to - this.end), 0);
      this.to = this.end;
    }
    this.wasWhole = this.isWhole;
  }
}
