/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-completion.h"

#include <string.h>

#include "memscope-session-builder.h"

static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("names");
  static const char *const threads[] = { "worker-1", "worker 2", "main" };
  static const char *const names[] = { "buffer", "buf", "in", "Größe", "say \"hi\"" };
  MemscopeStringId type = memscope_session_builder_intern_string (builder, "Vec<u8>", 7);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    memscope_session_builder_intern_thread (builder, memscope_session_builder_intern_string (builder, threads[i], strlen (threads[i])));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_FILE,
                                              memscope_session_builder_intern_string (builder, names[i], strlen (names[i])), type, 0);

  return memscope_session_builder_finish (builder);
}

/* What is offered where "|" stands, with commas between; and where it begins. */
static void
check (const char *text,
       gsize       begin,
       const char *expected)
{
  g_autoptr(MemscopeSession) session = make_session ();
  const char *cursor = strchr (text, '|');
  g_autofree char *before = g_strndup (text, (gsize)(cursor - text));
  g_autofree char *whole = g_strconcat (before, cursor + 1, NULL);
  gsize found;
  g_autoptr(GPtrArray) completions = memscope_completions_new (session, whole, (gsize)(cursor - text), &found);
  g_autoptr(GString) list = g_string_new (NULL);

  for (guint i = 0; i < completions->len; i++)
    {
      const MemscopeCompletion *completion = g_ptr_array_index (completions, i);

      g_string_append_printf (list, "%s%s", i > 0 ? "," : "", completion->text);
    }

  g_assert_cmpstr (list->str, ==, expected);
  if (completions->len > 0)
    g_assert_cmpuint (found, ==, begin);
}

static void
test_language (void)
{
  check ("si|", 0, "size,site");
  check ("size > 1K and fr|", 14, "freed by");
  check ("freed b|", 0, "freed by");
  check ("alive |", 0, "alive at");
  check ("size |", 5, ">,>=,<,<=,=,!=,in");
  check ("var |", 4, "~,!~,=,!=,in");
  check ("size > 64|", 7, "64K,64M,64G");
  check ("lifetime > 3|", 11, "3s,3ms,3us,3ns,3min");
  check ("size > 64K |", 11, "and,or");
  check ("(size > 64K a|", 12, "and");
  check ("(size > 64K |", 12, "and,or,)");
  check ("kind in (heap, p|", 15, "pool");
  check ("stage = |", 8, "allocated,active,shared,freed");
  check ("|size > 1", 0, "size,usable,lifetime,age,born,died,alive at,address,contains,thread,freed by,module,site,stack,var,type,"
                         "scope,kind,function,stage,alive,leaked,temporary,not");
}

static void
test_names (void)
{
  check ("thread = w|", 9, "worker-1,\"worker 2\"");
  check ("thread = \"worker |", 9, "\"worker 2\"");
  check ("freed by ~ ork|", 11, "worker-1,\"worker 2\"");
  check ("var = bu|", 6, "buffer,buf");
  check ("var = |", 6, "buffer,buf,\"in\",Größe,\"say \\\"hi\\\"\"");
  check ("type ~ vec|", 7, "\"Vec<u8>\"");
  check ("var = GRÖ|", 6, "Größe");
}

static void
test_nothing_after_a_fault (void)
{
  check ("size > > |", 0, "");
  check ("size > 64Q and |", 0, "");
  check ("\"never ended and |", 0, "");
  check ("size > 64K) |", 0, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/completion/words-of-the-language", test_language);
  g_test_add_func ("/completion/names-of-the-session", test_names);
  g_test_add_func ("/completion/nothing-after-a-fault", test_nothing_after_a_fault);

  return g_test_run ();
}
