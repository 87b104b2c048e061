/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes, as a filter expression: understood or told what is wrong; completed at every
 * place; and asked of a few blocks, one by one and all at once.
 */

#include "config.h"

#include <string.h>

#include "memscope-completion.h"
#include "memscope-filter.h"
#include "memscope-session-builder.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

static void
add_events (MemscopeSessionBuilder *builder)
{
  MemscopeEvent events[12] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      events[i].time = i * 1000;
      events[i].thread = 1 + i % 2;
      if (i % 3 == 2)
        {
          events[i].kind = MEMSCOPE_EVENT_FREE;
          events[i].ago = 1 + i % 2;
          continue;
        }
      events[i].kind = MEMSCOPE_EVENT_MALLOC + i % 3;
      events[i].address = 0x1000 * (i + 1);
      events[i].size = 10 * i * i;
      events[i].stack = i % 3;
      events[i].rounding = i % 2 ? 8 : MEMSCOPE_USABLE_UNKNOWN;
    }
  memscope_session_builder_add_events (builder, events, G_N_ELEMENTS (events));
}

static MemscopeSession *
make_session (void)
{
  static const char *const strings[] = { "main", "worker-1", "/usr/lib/libfoo.so.6", "parse_file", "parse.c", "größe \xff </b>" };
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("fuzz");

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    memscope_session_builder_add_string (builder, i + 1, strings[i], strlen (strings[i]));
  for (guint id = 1; id <= 2; id++)
    {
      memscope_session_builder_add_thread (builder, &(MemscopeThreadEntry) { .id = id, .tid = 4126 + id, .name = id, .end_time = G_MAXUINT64 });
      memscope_session_builder_add_frame (builder, id, &(MemscopeFrameEntry) { .module = 1, .offset = id });
      memscope_session_builder_add_stack (builder, id, &(MemscopeStackEntry) { .parent = id - 1, .frame = id });
      memscope_session_builder_add_symbols (builder, id, &(MemscopeSymbolEntry) { .function = 2 + 2 * id, .file = 5, .line = 7 * id }, 1);
    }
  memscope_session_builder_add_module (builder, 1, &(MemscopeModuleEntry) { .path = 3, .unload_time = G_MAXUINT64 });
  add_events (builder);

  return memscope_session_builder_finish (builder);
}

static void
ask (MemscopeSession    *session,
     MemscopeExpression *expression)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_expression (all, expression);
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  guint8 mask[64];
  MemscopeBatch batch;

  memscope_filter_get_batch (filter, 0, &batch);
  memscope_predicate_fill (filter->predicate, &batch, mask);
  for (guint i = 0; i < batch.n_rows; i++)
    g_assert_cmpint (memscope_predicate_test (filter->predicate, &batch, i), ==, mask[i]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  static MemscopeSession *session;
  g_autofree char *text = g_strndup ((const char *)data, length);
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, &fault);
  gsize begin;

  if (session == NULL)
    session = make_session ();

  g_assert ((expression == NULL) == (fault.message != NULL));
  memscope_expression_is_meant (text);
  if (expression != NULL)
    ask (session, expression);
  else
    g_assert (fault.offset + fault.length <= strlen (text) && fault.column >= 1);

  if (g_utf8_validate (text, -1, NULL))
    {
      gsize cursor = length > 0 ? data[length - 1] % (strlen (text) + 1) : 0;
      g_autoptr(GPtrArray) completions = memscope_completions_new (session, text, cursor, &begin);

      g_assert (begin <= strlen (text) && completions->len <= 2 * MEMSCOPE_COMPLETIONS_MAX);
    }

  return 0;
}
