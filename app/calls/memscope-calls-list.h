/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-rows.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALLS_LIST (memscope_calls_list_get_type ())

/**
 * MemscopeCallsList:
 *
 * The lines of the table of calls, scrolled up and down. There is a widget for each
 * line on screen and a few around it, however many rows there are; a column view
 * keeps 200 with a widget for each cell, all to be filled anew with another tree.
 * Lives in a scrolled window.
 *
 * Signals, all with the node, when a person does it: `selected`; `zoomed`, a row was
 * activated; `toggled`, it is to be opened or closed.
 */
G_DECLARE_FINAL_TYPE (MemscopeCallsList, memscope_calls_list, MEMSCOPE, CALLS_LIST, GtkWidget)

/* @rows: outlives the list. */
GtkWidget *memscope_calls_list_new          (MemscopeCallRows  *rows);
/* To be told whenever rows changed. */
void       memscope_calls_list_refill       (MemscopeCallsList *self);
/* Brings its row on screen, if there is one; MEMSCOPE_CALL_NONE: none. */
void       memscope_calls_list_set_selected (MemscopeCallsList *self,
                                             guint32            node);
guint32    memscope_calls_list_get_selected (MemscopeCallsList *self);
/* Marks folded @needle in the names; "": nothing. */
void       memscope_calls_list_set_needle   (MemscopeCallsList *self,
                                             const char        *needle);
/* Lines that have a widget. */
guint      memscope_calls_list_get_n_lines  (MemscopeCallsList *self);

G_END_DECLS
