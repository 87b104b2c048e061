// SPDX-License-Identifier: GPL-3.0-or-later
// What node allocates for: buffers, hashes, JSON, regular expressions, contexts, threads.
const crypto = require ('crypto'), fs = require ('fs'), vm = require ('vm'), zlib = require ('zlib');
const { Worker, isMainThread } = require ('worker_threads');

const fibonacci = n => n < 2 ? n : fibonacci (n - 1) + fibonacci (n - 2);
const kept = [];

for (let i = 0; i < 3000; i++)
  {
    kept.push (Buffer.alloc (20000 + i));
    if (kept.length > 200)
      kept.shift ();
    crypto.createHash ('sha256').update ('x'.repeat (i)).digest ('hex');
    JSON.parse (JSON.stringify ({ a: [i, i + 1, { b: 'c'.repeat (50) }] }));
    new Map ([[i, {}]]).forEach (() => fs.statSync ('/'));
    fibonacci (15);
    if (i % 50 === 0)
      {
        zlib.gzipSync (Buffer.alloc (50000, i));
        fs.readFileSync (__filename);
        new RegExp (`a${i}(b|c)*d`).exec (`a${i}bcbcbcd`);
        vm.runInNewContext ('x + 1', { x: i });
      }
  }

if (isMainThread)
  new Worker (__filename);
