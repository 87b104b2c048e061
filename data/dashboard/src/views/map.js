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
