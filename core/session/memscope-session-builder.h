/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"
#include "memscope-format.h"

G_BEGIN_DECLS

/**
 * MemscopeSessionBuilder:
 *
 * The only writer of a session. One thread at a time uses a builder. Readers of
 * the session may run meanwhile (a live recording): what they see of a row is
 * complete, rows never move, and only a row's death and name change later.
 *
 * Nothing given to a builder is trusted: ids that were never defined read as
 * "not recorded", deaths of births that were never seen are counted, times that
 * run backwards are held. No call fails; what could not be used is said in the
 * session's warnings.
 */
typedef struct _MemscopeSessionBuilder MemscopeSessionBuilder;

MemscopeSessionBuilder *memscope_session_builder_new  (const char             *label);
void                    memscope_session_builder_free (MemscopeSessionBuilder *self);

/* The session as it grows. Transfer none. */
MemscopeSession *memscope_session_builder_get_session (MemscopeSessionBuilder *self);

/* Call sites and site variables of the stacks that came since, or of all when
 * symbols came. For a live session, as often as the views are refreshed.
 */
void             memscope_session_builder_update      (MemscopeSessionBuilder *self);

/* The stream has ended: applies what is pending and completes the warnings. Only
 * symbols may still be added.
 */
void             memscope_session_builder_end         (MemscopeSessionBuilder *self);

/* The same, frees the builder, returns the session: transfer full. */
MemscopeSession *memscope_session_builder_finish      (MemscopeSessionBuilder *self);

/* ---- what it is ------------------------------------------------------------ */

void memscope_session_builder_set_format            (MemscopeSessionBuilder *self,
                                                     const char             *name,     /* static */
                                                     guint                   version,
                                                     const char             *layout);  /* static, or NULL */
void memscope_session_builder_set_time_origin       (MemscopeSessionBuilder *self,
                                                     guint64                 unix_ns);
/* The writer of the stream kept account of what was alive: no birth is at the address of
 * a live block, and no death by address is of one. Nobody need look, then.
 */
void memscope_session_builder_set_accounted         (MemscopeSessionBuilder *self,
                                                     gboolean                accounted);
void memscope_session_builder_set_complete          (MemscopeSessionBuilder *self,
                                                     gboolean                complete);
void memscope_session_builder_set_sampling_interval (MemscopeSessionBuilder *self,
                                                     guint64                 bytes);
void memscope_session_builder_add_fact              (MemscopeSessionBuilder *self,
                                                     const char             *key,
                                                     const void             *value,
                                                     gsize                   length);
/* One sentence for people, translated. The same sentence is kept once; after
 * a hundred the rest is counted only.
 */
void memscope_session_builder_add_warning           (MemscopeSessionBuilder *self,
                                                     const char             *format,
                                                     ...) G_GNUC_PRINTF (2, 3);

/* ---- a native stream: ids are those of the file ----------------------------- */

/* Begins another file (a rotated segment): its ids start afresh, and are unified
 * with what is known by content. Not needed before the first.
 */
void memscope_session_builder_begin_file   (MemscopeSessionBuilder     *self);

/* Begins another file that goes on with the stream: ids start afresh, births and
 * events do not.
 */
void memscope_session_builder_begin_segment (MemscopeSessionBuilder    *self);

/* What was alive before the events that follow, of which some before them are missing:
 * @blocks, ascending by birth. Those that are not known were born meanwhile; of the
 * session's own, those that are not among them died meanwhile, unseen, at @time
 * (microseconds). memscope_session_builder_seek() should follow.
 */
void memscope_session_builder_carry        (MemscopeSessionBuilder     *self,
                                            const MemscopeLiveBlock    *blocks,
                                            gsize                       n_blocks,
                                            guint64                     time);

/* Whether events of MEMSCOPE_EVENT_MALLOC say that it was malloc() (they do unless told
 * otherwise), or only that something was allocated. An address of MEMSCOPE_UNKNOWN is
 * not recorded: such blocks meet nobody.
 */
void memscope_session_builder_set_functions_recorded (MemscopeSessionBuilder *self,
                                                      gboolean                recorded);

/* Entries may come in any order of kinds, but before the events that use them. */
void memscope_session_builder_add_string   (MemscopeSessionBuilder     *self,
                                            guint64                     id,
                                            const void                 *bytes,
                                            gsize                       length);
void memscope_session_builder_add_module   (MemscopeSessionBuilder     *self,
                                            guint64                     id,
                                            const MemscopeModuleEntry  *entry);
void memscope_session_builder_add_frame    (MemscopeSessionBuilder     *self,
                                            guint64                     id,
                                            const MemscopeFrameEntry   *entry);
void memscope_session_builder_add_stack    (MemscopeSessionBuilder     *self,
                                            guint64                     id,
                                            const MemscopeStackEntry   *entry);
void memscope_session_builder_add_thread   (MemscopeSessionBuilder     *self,
                                            const MemscopeThreadEntry  *entry);
void memscope_session_builder_add_symbols  (MemscopeSessionBuilder     *self,
                                            guint64                     frame,
                                            const MemscopeSymbolEntry  *entries,
                                            guint                       n_entries);
void memscope_session_builder_add_sample   (MemscopeSessionBuilder     *self,
                                            const MemscopeSample       *sample);
void memscope_session_builder_add_gap      (MemscopeSessionBuilder     *self,
                                            const MemscopeGap          *gap);
void memscope_session_builder_add_mode     (MemscopeSessionBuilder     *self,
                                            const MemscopeMode         *mode);
void memscope_session_builder_add_mark     (MemscopeSessionBuilder     *self,
                                            const MemscopeMark         *mark);
void memscope_session_builder_add_mappings (MemscopeSessionBuilder     *self,
                                            guint64                     time,       /* microseconds */
                                            const MemscopeMapping      *mappings,
                                            guint                       n_mappings);
/* @payload: of an OVERVIEW chunk. FALSE: it is damaged, or another one came before. */
gboolean memscope_session_builder_add_overview (MemscopeSessionBuilder *self,
                                            MemscopeCursor             *payload);
/* Instead of its events: the overview says what they come to. @duration: until the
 * last of them, microseconds. FALSE: there is no overview of all of them.
 */
gboolean memscope_session_builder_make_outline (MemscopeSessionBuilder *self,
                                            guint64                     n_events,
                                            guint64                     duration,
                                            guint64                     unmatched_frees);
void memscope_session_builder_add_end      (MemscopeSessionBuilder     *self,
                                            const MemscopeEnd          *end);

/* Says where the next events stand in the file (first_event and first_birth of
 * their chunk). Only after a chunk was lost does this change anything: births
 * that are missing then have no row, and their deaths are told apart from
 * unmatched ones. That a chunk was lost is the reader's to say.
 */
void memscope_session_builder_seek         (MemscopeSessionBuilder     *self,
                                            guint64                     first_event,
                                            guint64                     first_birth);

/* The explicit API: give each before the events that follow it. It is applied
 * when the stream reaches its place; one that comes late is applied at once.
 */
void memscope_session_builder_add_annotation (MemscopeSessionBuilder     *self,
                                              const MemscopeAnnotation   *annotation);
void memscope_session_builder_add_events   (MemscopeSessionBuilder     *self,
                                            const MemscopeEvent        *events,
                                            gsize                       n_events);

/* Consecutive runs of the stream, as EVENTS chunks hold them. The same as seek () and
 * add_events () for each, but done by @n_threads threads if nothing in the session or
 * in the runs depends on what happened just before.
 */
typedef struct
{
  guint64              first_event;
  guint64              first_birth;
  guint32              n_events;
  guint32              n_births;
  const MemscopeEvent *events;
} MemscopeEventRun;

void memscope_session_builder_add_runs     (MemscopeSessionBuilder     *self,
                                            const MemscopeEventRun     *runs,
                                            guint                       n_runs,
                                            guint                       n_threads);

/* ---- ready-made rows: ids are those of the session ---------------------------- */

MemscopeStringId   memscope_session_builder_intern_string   (MemscopeSessionBuilder *self,
                                                             const void             *bytes,
                                                             gsize                   length);
MemscopeThreadId   memscope_session_builder_intern_thread   (MemscopeSessionBuilder *self,
                                                             MemscopeStringId        name);
MemscopeVariableId memscope_session_builder_intern_variable (MemscopeSessionBuilder *self,
                                                             MemscopeNameSource      source,
                                                             MemscopeStringId        name,
                                                             MemscopeStringId        type,
                                                             MemscopeStringId        scope);
/* What a frame of the session is called; looked up by whoever reads the stream, not
 * told by it. Strings are the session's.
 */
void               memscope_session_builder_set_symbols     (MemscopeSessionBuilder *self,
                                                             MemscopeFrameId         frame,
                                                             const MemscopeSymbol   *symbols,
                                                             guint                   n_symbols);
/* A frame of which only a text is known. */
MemscopeFrameId    memscope_session_builder_intern_text_frame (MemscopeSessionBuilder *self,
                                                               MemscopeStringId        text);
MemscopeStackId    memscope_session_builder_intern_stack    (MemscopeSessionBuilder *self,
                                                             MemscopeStackId         parent,
                                                             MemscopeFrameId         frame);

/* Before the first row, if it is known: exactly so many will be added. */
void               memscope_session_builder_expect_blocks   (MemscopeSessionBuilder *self,
                                                             guint64                 n_blocks);
/* Appends @block as it is. Rows come in order of birth; event positions are the
 * caller's. Returns the row.
 */
guint64            memscope_session_builder_add_block       (MemscopeSessionBuilder *self,
                                                             const MemscopeBlock    *block);
void               memscope_session_builder_set_n_events    (MemscopeSessionBuilder *self,
                                                             guint64                 n_events);
void               memscope_session_builder_set_duration    (MemscopeSessionBuilder *self,
                                                             guint64                 ns);

/* Appends the record at @offset of @bytes to @json as memscope_session_append_extras()
 * says. The bytes were checked when the row was added. Called from any thread.
 */
typedef void (*MemscopeRecordFunc) (const guint8 *bytes,
                                    gsize         length,
                                    guint64       offset,
                                    gconstpointer user_data,    /* static */
                                    GString      *json);

/* The bytes that rows came from; @offsets (guint64, one a row) is taken over. */
void               memscope_session_builder_set_records     (MemscopeSessionBuilder *self,
                                                             GBytes                 *bytes,
                                                             GArray                 *offsets,
                                                             MemscopeRecordFunc      write,
                                                             gconstpointer           user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSessionBuilder, memscope_session_builder_free)

G_END_DECLS
