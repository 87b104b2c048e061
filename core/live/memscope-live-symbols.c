/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames are taken in portions, and within one by module and address: debug
 * information is opened seldom then, and names appear while the rest is looked up.
 */

#include "config.h"

#include "memscope-live-symbols.h"

#include "memscope-module-symbols.h"
#include "memscope-session-private.h"

#define MAX_FRAMES  2048u   /* of a portion */
#define MAX_OPEN    12u     /* modules whose debug information is kept open */

typedef struct
{
  MemscopeFrameId frame;
  guint           first;    /* of `found` */
  guint           n;
} Answer;

/* What was found for one portion. */
typedef struct
{
  GStringChunk *strings;
  GArray       *found;      /* MemscopeResolved, its strings in `strings` */
  GArray       *answers;    /* Answer */
} Portion;

typedef struct
{
  MemscopeModuleId       id;
  MemscopeModuleSymbols *symbols;   /* NULL: can't be used */
  guint64                used;      /* when, in portions */
} OpenModule;

struct _MemscopeLiveSymbols
{
  MemscopeSession *session;
  GCallback        found;
  gpointer         user_data;
  GThread         *thread;

  GMutex           lock;
  GCond            wake;
  guint            n_wanted;    /* frames below are to be looked up */
  guint            n_done;
  GQueue           portions;    /* Portion */
  gboolean         stop;

  /* the thread's own */
  GArray          *modules;     /* OpenModule */
  guint64          clock;
};

/* ---- portions ------------------------------------------------------------------- */

static Portion *
portion_new (void)
{
  Portion *self = g_new0 (Portion, 1);

  self->strings = g_string_chunk_new (16 * 1024);
  self->found = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
  self->answers = g_array_new (FALSE, FALSE, sizeof (Answer));

  return self;
}

static void
portion_free (gpointer data)
{
  Portion *self = data;

  g_string_chunk_free (self->strings);
  g_array_unref (self->found);
  g_array_unref (self->answers);
  g_free (self);
}

static const char *
keep (Portion    *self,
      const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (self->strings, text) : NULL;
}

static void
portion_add (Portion         *self,
             MemscopeFrameId  frame,
             GArray          *resolved)
{
  Answer answer = { .frame = frame, .first = self->found->len, .n = resolved->len };

  for (guint i = 0; i < resolved->len; i++)
    {
      MemscopeResolved symbol = g_array_index (resolved, MemscopeResolved, i);

      symbol.function = keep (self, symbol.function);
      symbol.linkage_name = keep (self, symbol.linkage_name);
      symbol.file = keep (self, symbol.file);
      g_array_append_val (self->found, symbol);
    }

  g_array_append_val (self->answers, answer);
}

/* ---- looking up ----------------------------------------------------------------------- */

static void
close_module (gpointer data)
{
  OpenModule *module = data;

  g_clear_pointer (&module->symbols, memscope_module_symbols_free);
}

/* The one that was not needed for longest makes room. Modules that can't be used
 * stay: asking again would not help.
 */
static void
make_room (MemscopeLiveSymbols *self)
{
  guint n_open = 0, oldest = 0;
  guint64 used = G_MAXUINT64;

  for (guint i = 0; i < self->modules->len; i++)
    {
      OpenModule *module = &g_array_index (self->modules, OpenModule, i);

      if (module->symbols == NULL)
        continue;

      n_open++;
      if (module->used < used)
        {
          used = module->used;
          oldest = i;
        }
    }

  if (n_open >= MAX_OPEN)
    g_array_remove_index_fast (self->modules, oldest);
}

static MemscopeModuleSymbols *
open_module (MemscopeLiveSymbols *self,
             MemscopeModuleId     id)
{
  OpenModule opened = { .id = id, .used = self->clock };
  MemscopeModule module;
  const char *path;

  for (guint i = 0; i < self->modules->len; i++)
    {
      OpenModule *known = &g_array_index (self->modules, OpenModule, i);

      if (known->id == id)
        {
          known->used = self->clock;
          return known->symbols;
        }
    }

  make_room (self);

  /* "[vdso]" and what else is no file; another build would give wrong names */
  if (memscope_session_get_module (self->session, id, &module) && module.build_id != NULL &&
      (path = memscope_session_get_string (self->session, module.path, NULL)) != NULL && path[0] == '/')
    opened.symbols = memscope_module_symbols_new (path, module.build_id, module.build_id_length, NULL);

  g_array_append_val (self->modules, opened);

  return opened.symbols;
}

typedef struct
{
  MemscopeFrameId id;
  MemscopeFrame   frame;
} Wanted;

static int
compare_wanted (gconstpointer a,
                gconstpointer b)
{
  const Wanted *x = a, *y = b;

  if (x->frame.module != y->frame.module)
    return x->frame.module < y->frame.module ? -1 : 1;

  return x->frame.offset < y->frame.offset ? -1 : x->frame.offset > y->frame.offset;
}

static GArray *
choose_frames (MemscopeLiveSymbols *self,
               guint                first,
               guint                end)
{
  GArray *wanted = g_array_new (FALSE, FALSE, sizeof (Wanted));

  for (MemscopeFrameId id = first; id < end; id++)
    {
      Wanted want = { .id = id };
      const MemscopeSymbol *symbols;

      if (memscope_session_get_frame (self->session, id, &want.frame) && want.frame.module != 0 &&
          memscope_session_get_symbols (self->session, id, &symbols) == 0)
        g_array_append_val (wanted, want);
    }

  g_array_sort (wanted, compare_wanted);

  return wanted;
}

static gboolean
is_stopped (MemscopeLiveSymbols *self)
{
  return __atomic_load_n (&self->stop, __ATOMIC_RELAXED);
}

static Portion *
look_up (MemscopeLiveSymbols *self,
         guint                first,
         guint                end)
{
  g_autoptr(GArray) wanted = choose_frames (self, first, end);
  g_autoptr(GArray) resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
  Portion *portion = portion_new ();

  self->clock++;
  for (guint i = 0; i < wanted->len && !is_stopped (self); i++)
    {
      const Wanted *want = &g_array_index (wanted, Wanted, i);
      guint64 back = want->frame.flags & MEMSCOPE_FRAME_RETURN_ADDRESS ? 1 : 0;
      MemscopeModuleSymbols *symbols = open_module (self, want->frame.module);

      g_array_set_size (resolved, 0);
      if (symbols != NULL && memscope_module_symbols_resolve (symbols, want->frame.offset - back, resolved))
        portion_add (portion, want->id, resolved);
    }

  return portion;
}

static void
hand_over (MemscopeLiveSymbols *self,
           Portion             *portion,
           guint                end)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->portions, portion);
  self->n_done = end;
  g_mutex_unlock (&self->lock);

  ((void (*) (gpointer))self->found) (self->user_data);
}

static gpointer
run (gpointer data)
{
  MemscopeLiveSymbols *self = data;

  for (;;)
    {
      guint first, end;

      g_mutex_lock (&self->lock);
      while (!self->stop && self->n_done >= self->n_wanted)
        g_cond_wait (&self->wake, &self->lock);
      first = self->n_done;
      end = MIN (self->n_wanted, first + MAX_FRAMES);
      g_mutex_unlock (&self->lock);

      if (is_stopped (self))
        return NULL;

      hand_over (self, look_up (self, first, end), end);
    }
}

MemscopeLiveSymbols *
memscope_live_symbols_new (MemscopeSession *session,
                           GCallback        found,
                           gpointer         user_data)
{
  MemscopeLiveSymbols *self = g_new0 (MemscopeLiveSymbols, 1);

  self->session = g_object_ref (session);
  self->found = found;
  self->user_data = user_data;
  self->n_wanted = 1;
  self->n_done = 1;
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_queue_init (&self->portions);
  self->modules = g_array_new (FALSE, FALSE, sizeof (OpenModule));
  g_array_set_clear_func (self->modules, close_module);
  self->thread = g_thread_new ("live-symbols", run, self);

  return self;
}

void
memscope_live_symbols_free (MemscopeLiveSymbols *self)
{
  g_mutex_lock (&self->lock);
  __atomic_store_n (&self->stop, TRUE, __ATOMIC_RELAXED);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);

  g_queue_clear_full (&self->portions, portion_free);
  g_array_unref (self->modules);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->lock);
  g_object_unref (self->session);
  g_free (self);
}

void
memscope_live_symbols_look_up (MemscopeLiveSymbols *self)
{
  guint n = memscope_session_get_n_frames (self->session) + 1;

  g_mutex_lock (&self->lock);
  self->n_wanted = MAX (self->n_wanted, n);
  if (self->n_done < self->n_wanted)
    g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

gboolean
memscope_live_symbols_is_done (MemscopeLiveSymbols *self)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->n_done >= self->n_wanted && g_queue_is_empty (&self->portions);
  g_mutex_unlock (&self->lock);

  return done;
}

/* ---- into the session -------------------------------------------------------------------- */

static MemscopeStringId
intern (MemscopeSessionBuilder *builder,
        const char             *text)
{
  return text != NULL ? memscope_session_builder_intern_string (builder, text, strlen (text)) : 0;
}

static void
put_answer (MemscopeSessionBuilder *builder,
            const Portion          *portion,
            const Answer           *answer)
{
  g_autofree MemscopeSymbol *symbols = g_new (MemscopeSymbol, answer->n);

  for (guint i = 0; i < answer->n; i++)
    {
      const MemscopeResolved *found = &g_array_index (portion->found, MemscopeResolved, answer->first + i);

      symbols[i] = (MemscopeSymbol) {
        .function = intern (builder, found->function),
        .linkage_name = intern (builder, found->linkage_name),
        .file = intern (builder, found->file),
        .line = found->line,
        .column = found->column,
        .language = found->language,
      };
    }

  memscope_session_builder_set_symbols (builder, answer->frame, symbols, answer->n);
}

gboolean
memscope_live_symbols_take (MemscopeLiveSymbols    *self,
                            MemscopeSessionBuilder *builder)
{
  gboolean any = FALSE;

  for (;;)
    {
      Portion *portion;

      g_mutex_lock (&self->lock);
      portion = g_queue_pop_head (&self->portions);
      g_mutex_unlock (&self->lock);

      if (portion == NULL)
        return any;

      for (guint i = 0; i < portion->answers->len; i++)
        put_answer (builder, portion, &g_array_index (portion->answers, Answer, i));
      any |= portion->answers->len > 0;
      portion_free (portion);
    }
}
