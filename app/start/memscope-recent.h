/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-groups.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECENT (memscope_recent_get_type ())

typedef enum
{
  MEMSCOPE_RECENT_COMPLETE,
  MEMSCOPE_RECENT_INCOMPLETE,
  MEMSCOPE_RECENT_SAMPLED,
  MEMSCOPE_RECENT_IMPORT,     /* another program's format: read-only */
} MemscopeRecentState;

/**
 * MemscopeRecent:
 *
 * What is remembered of a session that was opened, so that the start page can
 * show it without reading it again.
 */
G_DECLARE_FINAL_TYPE (MemscopeRecent, memscope_recent, MEMSCOPE, RECENT, GObject)

struct _MemscopeRecent
{
  GObject              parent_instance;

  char                *uri;
  char                *description;   /* "memscope-rs · version 3 · 4.1 s" */
  MemscopeRecentState  state;
  guint64              peak_bytes;
  gint64               opened;        /* s since 1970 */
  float                spark[MEMSCOPE_SPARK_BUCKETS];
};

MemscopeRecent *memscope_recent_new          (const char     *uri);
GFile          *memscope_recent_dup_file     (MemscopeRecent *self);
/* Whether each word of @text is part of the path or the description, in any case. */
gboolean        memscope_recent_matches      (MemscopeRecent *self,
                                              const char     *text);

/* The list, newest first, bounded; kept in the user's state directory. */
GListModel     *memscope_recent_list_get     (void);
/* (transfer full) @recent replaces an entry with its URI. */
void            memscope_recent_list_add     (MemscopeRecent *recent);
void            memscope_recent_list_remove  (const char     *uri);
/* The file of the entry @uri is @file now: what is known of it stays. */
void            memscope_recent_list_move    (const char     *uri,
                                              GFile          *file);
/* Forget what is in memory and read the list again: for tests. */
void            memscope_recent_list_reload  (void);

G_END_DECLS
