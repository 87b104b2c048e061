/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "random-session.h"

#include <string.h>

#include "memscope-expression-fields.h"
#include "session-maker.h"

typedef struct
{
  MemscopeSessionBuilder *builder;
  GArray                 *alive;     /* guint64 births */
  guint64                 time;      /* us */
  gboolean                large;     /* what the builder looks up slowly happens seldom */
  gboolean                plain;     /* nobody but the recorder says anything */
} Maker;

static guint
any (guint n)
{
  return (guint)g_test_rand_int_range (0, (gint32)n);
}

static guint32
any_thread (void)
{
  return any (4) == 0 ? 2 + any (2) : 1;
}

static guint64
any_size (void)
{
  if (any (500) == 0)
    return G_GUINT64_CONSTANT (0xfffffff0) + any (32);

  return any (20) == 0 ? 0 : any (10) == 0 ? any (1000000) : any (200);
}

static void
pass_time (Maker *self)
{
  if (any (3) == 0)
    self->time += any (5);
  if (any (50) == 0)
    self->time += any (300000);
}

static void
be_born (Maker *self,
         guint8 kind)
{
  guint64 birth = session_maker_birth (self->builder, kind, self->time, any_size (), any_thread (), any (6));

  g_array_append_val (self->alive, birth);
}

static void
grow_or_die (Maker *self)
{
  guint at = any (3) == 0 ? any (self->alive->len) : self->alive->len - 1;
  guint64 birth = g_array_index (self->alive, guint64, at);

  g_array_remove_index_fast (self->alive, at);
  if (any (4) == 0)
    {
      birth = session_maker_realloc (self->builder, self->time, birth, any_size (), any_thread (), any (6));
      g_array_append_val (self->alive, birth);
      return;
    }

  session_maker_death (self->builder, any (10) == 0 ? MEMSCOPE_EVENT_LOST_DEATH : MEMSCOPE_EVENT_FREE,
                       self->time, birth, any_thread ());
}

static void
be_pooled (Maker *self)
{
  guint64 parent = g_array_index (self->alive, guint64, any (self->alive->len));

  session_maker_add (self->builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_POOL, .time = self->time,
                                                      .address = session_maker_address (parent), .size = any (64),
                                                      .thread = any_thread (), .stack = any (6),
                                                      .rounding = MEMSCOPE_USABLE_UNKNOWN });
}

static void
be_reported (Maker   *self,
             guint64  event)
{
  static const guint32 kinds[] = {
    MEMSCOPE_ANNOTATION_TRACK, MEMSCOPE_ANNOTATION_CLONE, MEMSCOPE_ANNOTATION_BORROW, MEMSCOPE_ANNOTATION_BORROW_MUT,
    MEMSCOPE_ANNOTATION_RETURN, MEMSCOPE_ANNOTATION_UNTRACK,
  };
  guint64 birth = g_array_index (self->alive, guint64, any (self->alive->len));
  MemscopeAnnotation annotation = {
    .event = event, .time = self->time, .kind = kinds[any (G_N_ELEMENTS (kinds))], .thread = 1, .size = 16,
    .name = 3 + any (4), .type = any (2) * (7 + any (2)),
    .address = any (5) == 0 ? 0x90 + 0x100 * any (4) : session_maker_address (birth),
  };

  memscope_session_builder_add_annotation (self->builder, &annotation);
}

static void
happen (Maker   *self,
        guint64  event)
{
  guint what = any (100);

  if (self->large && what >= 85 && any (50) != 0)
    what %= 85;
  if (self->plain && what >= 85 && what < 97)
    what %= 85;

  pass_time (self);
  if (self->alive->len == 0 || what < 45)
    be_born (self, what < 2 ? MEMSCOPE_EVENT_INHERITED : what < 6 ? MEMSCOPE_EVENT_REGION : MEMSCOPE_EVENT_MALLOC);
  else if (what < 85)
    grow_or_die (self);
  else if (what < 90)
    be_pooled (self);
  else if (what < 97)
    be_reported (self, event);
  else
    session_maker_add (self->builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = self->time,
                                                        .address = 0x42, .thread = 1 });
}

static MemscopeSession *
record (guint    n_events,
        gboolean plain)
{
  g_autoptr(GArray) alive = g_array_new (FALSE, FALSE, sizeof (guint64));
  Maker maker = { .builder = session_maker_new (), .alive = alive, .large = n_events > 100000, .plain = plain };

  for (guint i = 0; i < n_events; i++)
    happen (&maker, i);

  for (guint64 time = 0; time < maker.time; time += maker.time / 7 + 1)
    {
      MemscopeSample sample = { .time = time, .kind = MEMSCOPE_SAMPLE_PROCESS,
                                .values = { any (3) == 0 ? MEMSCOPE_NOT_RECORDED : any (1000000) } };

      memscope_session_builder_add_sample (maker.builder, &sample);
    }

  return session_maker_finish (maker.builder, maker.time + any (10));
}

MemscopeSession *
random_session_new_recorded (guint n_events)
{
  return record (n_events, FALSE);
}

MemscopeSession *
random_session_new_plain (guint n_events)
{
  return record (n_events, TRUE);
}

/* ---- stored ------------------------------------------------------------------------------- */

static int
compare_births (gconstpointer a,
                gconstpointer b)
{
  const MemscopeBlock *left = a;
  const MemscopeBlock *right = b;

  return left->birth_time < right->birth_time ? -1 : left->birth_time > right->birth_time;
}

/* By time; births first where times are equal, but a death that is before its birth stays there. */
static guint64
number_events (MemscopeBlock *blocks,
               guint          n)
{
  guint64 n_events = 0;

  for (guint i = 0; i < n; i++)
    {
      blocks[i].birth_event = i;
      blocks[i].death_event = MEMSCOPE_NEVER;
      n_events++;
    }

  for (guint i = 0; i < n; i++)
    {
      guint64 event = 0;

      if (blocks[i].death_time == MEMSCOPE_NEVER)
        continue;

      for (guint k = 0; k < n; k++)
        {
          event += blocks[k].birth_time <= blocks[i].death_time;
          event += blocks[k].death_time < blocks[i].death_time || (blocks[k].death_time == blocks[i].death_time && k < i);
        }
      blocks[i].death_event = event;
      n_events++;
    }

  for (guint i = 0; i < n; i++)
    {
      for (guint k = 0; k < n; k++)
        blocks[i].birth_event += blocks[k].death_time < blocks[i].birth_time;
    }

  return n_events;
}

MemscopeSession *
random_session_new_stored (guint n_rows)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("stored");
  g_autofree MemscopeBlock *blocks = g_new0 (MemscopeBlock, MAX (n_rows, 1));
  guint64 span = any (2) ? 20 : G_GUINT64_CONSTANT (1000000000);
  guint64 duration = 0;

  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree char *thread = g_strdup_printf ("ThreadId(%u)", any (3));
      g_autofree char *name = g_strdup_printf ("node_%u", any (6));
      MemscopeStringId id = memscope_session_builder_intern_string (builder, thread, strlen (thread));
      MemscopeStringId type = memscope_session_builder_intern_string (builder, "Vec<u8>", 7);

      blocks[i].birth_time = any ((guint)span);
      blocks[i].death_time = any (3) == 0 ? MEMSCOPE_NEVER : any (10) == 0 ? any ((guint)span) : blocks[i].birth_time + any ((guint)span / 4);
      blocks[i].death = blocks[i].death_time != MEMSCOPE_NEVER ? MEMSCOPE_DEATH_FREE : MEMSCOPE_DEATH_NONE;
      blocks[i].size = any_size ();
      blocks[i].rounding = G_MAXUINT32;
      blocks[i].thread = memscope_session_builder_intern_thread (builder, id);
      blocks[i].origin = MEMSCOPE_ORIGIN_FILE;
      blocks[i].flags = (any (5) == 0 ? MEMSCOPE_BLOCK_LEAKED_FLAG : 0) | (any (9) == 0 ? MEMSCOPE_BLOCK_SHARED : 0);
      id = memscope_session_builder_intern_string (builder, name, strlen (name));
      if (any (4) != 0)
        blocks[i].variable = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_FILE, id, any (2) * type, 0);

      duration = MAX (duration, blocks[i].birth_time);
      if (blocks[i].death != MEMSCOPE_DEATH_NONE)
        duration = MAX (duration, blocks[i].death_time);
    }

  qsort (blocks, n_rows, sizeof *blocks, compare_births);
  memscope_session_builder_set_n_events (builder, number_events (blocks, n_rows));
  for (guint i = 0; i < n_rows; i++)
    memscope_session_builder_add_block (builder, &blocks[i]);

  memscope_session_builder_set_format (builder, "memscope-rs", 3, "I");
  memscope_session_builder_set_duration (builder, duration);
  memscope_session_builder_set_complete (builder, any (5) != 0);

  return memscope_session_builder_finish (builder);
}

/* ---- selections ------------------------------------------------------------------------------ */

static guint64
any_time (MemscopeSession *session)
{
  guint64 time = memscope_session_get_duration (session) + 1;

  /* Often a time at which something happens. */
  if (any (2) && memscope_session_get_n_blocks (session) > 0)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, any ((guint)memscope_session_get_n_blocks (session)), &block);
      return any (2) || block.death_time == MEMSCOPE_NEVER ? block.birth_time : block.death_time;
    }

  return (guint64)(g_test_rand_double () * (double)time);
}

static void
replace (MemscopeSelection **selection,
         MemscopeSelection  *other)
{
  memscope_selection_unref (*selection);
  *selection = other;
}

/* ---- expressions ------------------------------------------------------------------------------ */

static void
append_number (GString         *text,
               MemscopeSession *session,
               MemscopeField    field)
{
  MemscopeBlock block = { 0 };
  guint64 n = memscope_session_get_n_blocks (session);

  if (n > 0)
    memscope_session_get_block (session, any ((guint)n), &block);

  switch (memscope_fields[field].type)
    {
    case MEMSCOPE_VALUE_SIZE:
      g_string_append_printf (text, any (4) == 0 ? "%" G_GUINT64_FORMAT "K" : "%" G_GUINT64_FORMAT, block.size);
      return;
    case MEMSCOPE_VALUE_ADDRESS:
      g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", block.address + any (2) * any (40));
      return;
    case MEMSCOPE_VALUE_DURATION:
    case MEMSCOPE_VALUE_TIME:
    default:
      g_string_append_printf (text, "%" G_GUINT64_FORMAT "%s", any_time (session) / (any (3) == 0 ? 10 : 1), any (2) ? "ns" : " ns");
    }
}

static void
append_text (GString *text)
{
  static const char *const values[] = {
    "alpha", "beta.c", "work", "\"worker-2\"", "node_3", "\"Vec<u8>\"", "\"ThreadId(1)\"", "main", "10", "\"no such\"",
    "\"beta.c:20\"", "\"\"", "delta", "name_1", "\"libtest.so\"", "prog", "1",
  };

  g_string_append (text, values[any (G_N_ELEMENTS (values))]);
}

static void
append_term (GString         *text,
             MemscopeSession *session)
{
  static const char *const comparisons[] = { "=", "!=", "==", "<", "<=", ">", ">=" };
  static const char *const patterns[] = { "/a/", "/^[bd].*a$/", "/_[0-9]/", "/work|main/", "/\\.c:?/" };
  MemscopeField field = any (MEMSCOPE_N_FIELDS);
  const MemscopeFieldInfo *info = &memscope_fields[field];
  gboolean number = memscope_field_is_number (field);
  guint n;

  g_string_append_printf (text, "%s ", any (5) == 0 && info->alias != NULL ? info->alias : info->word);
  if (info->type == MEMSCOPE_VALUE_NONE)
    return;
  if (info->prefix)
    {
      number ? append_number (text, session, field) : append_text (text);
      return;
    }

  if (info->type == MEMSCOPE_VALUE_NAME)
    {
      for (n = 0; info->names[n] != NULL; n++)
        ;
      if (any (2))
        g_string_append_printf (text, "%s %s", any (2) ? "=" : "!=", info->names[any (n)]);
      else
        g_string_append_printf (text, "in (%s, %s)", info->names[any (n)], info->names[any (n)]);
      return;
    }

  if (number && any (4) == 0)
    {
      g_string_append (text, "in ");
      append_number (text, session, field);
      g_string_append (text, "..");
      append_number (text, session, field);
      return;
    }
  if (any (4) == 0)
    {
      g_string_append (text, "in (");
      for (n = 1 + any (3); n > 0; n--)
        {
          number ? append_number (text, session, field) : append_text (text);
          g_string_append (text, n > 1 ? ", " : ")");
        }
      return;
    }
  if (!number && any (2))
    {
      g_string_append (text, any (2) ? "~ " : "!~ ");
      if (any (3) == 0)
        g_string_append (text, patterns[any (G_N_ELEMENTS (patterns))]);
      else
        append_text (text);
      return;
    }

  g_string_append_printf (text, "%s ", comparisons[any (number ? G_N_ELEMENTS (comparisons) : 3)]);
  number ? append_number (text, session, field) : append_text (text);
}

static void
append_expression (GString         *text,
                   MemscopeSession *session,
                   guint            depth)
{
  guint what = depth > 0 ? any (6) : 0;

  if (what < 3)
    {
      append_term (text, session);
      return;
    }
  if (what == 3)
    {
      g_string_append (text, any (2) ? "not " : "! ");
      append_expression (text, session, 0);
      return;
    }

  g_string_append_c (text, '(');
  append_expression (text, session, depth - 1);
  g_string_append (text, what == 4 ? (any (2) ? " and " : " && ") : (any (2) ? " or " : " || "));
  append_expression (text, session, depth - 1);
  g_string_append_c (text, ')');
}

char *
random_expression_new (MemscopeSession *session,
                       guint            depth)
{
  GString *text = g_string_new (NULL);

  append_expression (text, session, depth);

  return g_string_free (text, FALSE);
}

MemscopeSelection *
random_selection_new (MemscopeSession *session)
{
  static const char *const texts[] = { "ALPHA", "beta.c", "work", "delta", "Node_3", "vec<", "ThreadId(1)", "10", "zz" };
  static const guint origins[] = { 1u << MEMSCOPE_ORIGIN_POOL, 1u << MEMSCOPE_ORIGIN_REGION, 1u << MEMSCOPE_ORIGIN_API, 0x1f, 0 };
  MemscopeSelection *selection = memscope_selection_new_all (session);
  guint32 ids[] = { any (4), any (4) };

  if (any (2))
    replace (&selection, memscope_selection_with_range (selection, any_time (session), any_time (session)));
  if (any (3) == 0)
    replace (&selection, memscope_selection_with_instant (selection, any_time (session)));
  if (any (4) == 0)
    replace (&selection, memscope_selection_with_threads (selection, ids, 1 + any (2)));
  if (any (5) == 0)
    replace (&selection, memscope_selection_with_modules (selection, ids, 1 + any (2)));
  if (any (5) == 0)
    replace (&selection, memscope_selection_with_origins (selection, origins[any (G_N_ELEMENTS (origins))]));
  if (any (4) == 0)
    replace (&selection, memscope_selection_with_text (selection, texts[any (G_N_ELEMENTS (texts))]));
  else if (any (3) == 0)
    {
      g_autofree char *text = random_expression_new (session, 4);
      g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, NULL);

      g_assert_nonnull (expression);
      replace (&selection, memscope_selection_with_expression (selection, expression));
    }

  return selection;
}
