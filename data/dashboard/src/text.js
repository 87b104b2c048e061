// SPDX-License-Identifier: GPL-3.0-or-later
// The page's strings were made harmless by the exporter. What memscope-rs stored
// beside (extras) comes as it was, and goes through here before it is shown.

const MARKS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;

export function displayText (text) {
  return text.replace (MARKS, mark => {
    const code = mark.codePointAt (0);

    if (code >= 0xdc80 && code <= 0xdcff)
      return `\\x${(code - 0xdc00).toString (16).toUpperCase ()}`;
    if (mark === '\n')
      return '\\n';
    if (mark === '\t')
      return '\\t';
    return `\\u{${code.toString (16)}}`;
  });
}
