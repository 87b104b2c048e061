/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"
#include "memscope-table.h"

G_BEGIN_DECLS

/* Events are kept in segments of this many, columns side by side, which never move. */
#define MEMSCOPE_TAPE_SEGMENT 65536u

/* In a segment's `site` column: the event is a death. Site 0: nothing happened there. */
#define MEMSCOPE_TAPE_DEATH   (1u << 31)

/* Who is born and dies together: what decides whether a block is selected, and into
 * which groups it falls, as long as nothing but the recorder says anything of it.
 */
typedef struct
{
  MemscopeThreadId thread;
  MemscopeStackId  stack;
  guint8           origin;
  guint8           flags;      /* of its blocks: MEMSCOPE_BLOCK_INHERITED */
} MemscopeTapeSite;

/* As many events as fit: for reading many on end. */
typedef struct
{
  guint64        first_event;
  guint          n;
  const guint32 *site;
  const guint32 *size;       /* G_MAXUINT32: ask memscope_tape_get_size () */
} MemscopeTapeRun;

/**
 * MemscopeTape:
 *
 * The births and deaths of a session in the order of events, each with the site and
 * the size of its block: what the stock was at any moment is one walk along the tape,
 * without looking for a block's other end. Position p is event p of the session.
 *
 * One writer, or several that write different events and publish together; any
 * number of readers. Nine bytes an event.
 */
typedef struct _MemscopeTape MemscopeTape;

MemscopeTape *memscope_tape_new        (void);
void          memscope_tape_free       (MemscopeTape *self);

/* ---- writing ------------------------------------------------------------------- */

/* The number of a site, made when it is new. Any thread. */
guint32       memscope_tape_intern     (MemscopeTape   *self,
                                        guint32         thread,
                                        guint32         stack,
                                        guint8          origin,
                                        guint8          flags);
/* Starts fetching what interning the site will look at. */
void          memscope_tape_prefetch   (MemscopeTape   *self,
                                        guint32         thread,
                                        guint32         stack,
                                        guint8          origin,
                                        guint8          flags);
/* Behind the last event. @site: with MEMSCOPE_TAPE_DEATH for a death. Times never
 * run backwards: FALSE, and nothing is written, when this one does.
 */
gboolean      memscope_tape_append     (MemscopeTape   *self,
                                        guint32         site,
                                        guint64         size,
                                        guint64         time);
/* Makes room for @n events behind the last, to be written at their places in any
 * order, but for each aligned run of MEMSCOPE_TAPE_BLOCK by one thread from first to
 * last; then published.
 */
#define MEMSCOPE_TAPE_BLOCK 64u
void          memscope_tape_reserve    (MemscopeTape   *self,
                                        guint64         n);
guint64       memscope_tape_get_last_time (MemscopeTape *self);   /* for the writer: of the last event */
void          memscope_tape_write      (MemscopeTape   *self,
                                        guint64         event,
                                        guint32         site,
                                        guint64         size,
                                        guint64         time_before,   /* of the event before */
                                        guint64         time);
void          memscope_tape_publish    (MemscopeTape   *self,
                                        guint64         n);

/* ---- reading ------------------------------------------------------------------- */

guint64       memscope_tape_get_n      (MemscopeTape   *self);
guint         memscope_tape_get_n_sites (MemscopeTape  *self);   /* one more than there are: ids begin at 1 */
void          memscope_tape_get_site   (MemscopeTape   *self,
                                        guint32         id,
                                        MemscopeTapeSite *site);
/* The events from @event on, of those before @end, that lie side by side. */
void          memscope_tape_get_run    (MemscopeTape   *self,
                                        guint64         event,
                                        guint64         end,
                                        MemscopeTapeRun *run);
/* Of a block of 4 GiB or more. */
guint64       memscope_tape_get_size   (MemscopeTape   *self,
                                        guint64         event);
guint64       memscope_tape_get_time   (MemscopeTape   *self,
                                        guint64         event);
/* Times of @n events from @event on. */
void          memscope_tape_get_times  (MemscopeTape   *self,
                                        guint64         event,
                                        guint           n,
                                        guint64        *times);
/* The first of the @n first events that is not before @time; @n: none. */
guint64       memscope_tape_find       (MemscopeTape   *self,
                                        guint64         n,
                                        guint64         time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeTape, memscope_tape_free)

G_END_DECLS
