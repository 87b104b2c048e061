/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Stands where the recorder is preloaded; the fake target says hello itself. */
extern int memscope_empty_recorder;
int memscope_empty_recorder = 1;
