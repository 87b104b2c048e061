/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "memscope-session-memory.h"

#define GROUP    "view"
#define MAX_FILE (256 * 1024)
#define MAX_TEXT 4096

static char *
memory_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "memscope", "sessions", NULL);
}

static char *
memory_path (const char *key)
{
  g_autofree char *folder = memory_folder ();
  g_autofree char *name = g_strconcat (key, ".ini", NULL);

  return g_build_filename (folder, name, NULL);
}

static gboolean
add_fact (GChecksum       *sum,
          MemscopeSession *session,
          const char      *fact)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (session, fact, &length);

  if (value == NULL)
    return FALSE;
  g_checksum_update (sum, (const guchar *) fact, strlen (fact) + 1);
  g_checksum_update (sum, (const guchar *) value, length);

  return TRUE;
}

char *
memscope_session_memory_dup_key (MemscopeSession *session,
                                 GFile           *file)
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint64 origin;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  if (file == NULL)
    return NULL;

  origin = memscope_session_get_time_origin (session);
  if (add_fact (sum, session, "pid") && add_fact (sum, session, "start_time") && add_fact (sum, session, "exe"))
    {
      add_fact (sum, session, "host");
      g_checksum_update (sum, (const guchar *) &origin, sizeof origin);
    }
  else
    {
      g_autoptr(GFileInfo) info = g_file_query_info (file,
                                                     G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_TIME_MODIFIED,
                                                     G_FILE_QUERY_INFO_NONE, NULL, NULL);
      g_autofree char *uri = g_file_get_uri (file);
      guint64 numbers[2] = { 0 };

      if (info != NULL)
        {
          numbers[0] = (guint64) g_file_info_get_size (info);
          numbers[1] = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED);
        }
      g_checksum_reset (sum);
      g_checksum_update (sum, (const guchar *) uri, strlen (uri));
      g_checksum_update (sum, (const guchar *) numbers, sizeof numbers);
    }

  return g_strndup (g_checksum_get_string (sum), 32);
}

/* ---- writing ------------------------------------------------------------------------ */

static void
set_ids (GKeyFile      *file,
         const char    *key,
         const guint32 *ids,
         guint          n)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", ids[i]);
  g_key_file_set_string (file, GROUP, key, text->str);
}

/* TRUE: something is not as it is at first. */
static gboolean
write_selection (GKeyFile          *file,
                 MemscopeViewState *state)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (state);
  const char *text = memscope_selection_get_text (selection);
  g_autofree guint32 *threads = NULL;
  g_autofree guint32 *modules = NULL;
  guint n_threads, n_modules;

  if (memscope_view_state_has_range (state))
    {
      g_key_file_set_uint64 (file, GROUP, "begin", memscope_selection_get_begin (selection));
      g_key_file_set_uint64 (file, GROUP, "end", memscope_selection_get_end (selection));
    }
  if (memscope_selection_get_instant (selection) != memscope_selection_get_end (selection))
    g_key_file_set_uint64 (file, GROUP, "instant", memscope_selection_get_instant (selection));

  threads = memscope_view_state_dup_threads (state, &n_threads);
  modules = memscope_view_state_dup_modules (state, &n_modules);
  if (threads != NULL)
    set_ids (file, "threads", threads, n_threads);
  if (modules != NULL)
    set_ids (file, "modules", modules, n_modules);
  if (memscope_selection_get_origins (selection) != MEMSCOPE_SELECTION_TOTALS)
    g_key_file_set_uint64 (file, GROUP, "kinds", memscope_selection_get_origins (selection));
  if (!memscope_selection_has_all_sizes (selection))
    {
      g_key_file_set_uint64 (file, GROUP, "min-size", memscope_selection_get_min_size (selection));
      g_key_file_set_uint64 (file, GROUP, "max-size", memscope_selection_get_max_size (selection));
    }
  if (*text != '\0' && strlen (text) <= MAX_TEXT && g_utf8_validate (text, -1, NULL))
    g_key_file_set_string (file, GROUP, "text", text);
  if (memscope_view_state_get_stages (state) != 0)
    g_key_file_set_uint64 (file, GROUP, "stages", memscope_view_state_get_stages (state));

  return g_key_file_has_group (file, GROUP);
}

typedef struct
{
  char   *path;
  gint64  changed;
} Memory;

static int
compare_memories (gconstpointer a,
                  gconstpointer b)
{
  const Memory *left = a, *right = b;

  return left->changed < right->changed ? -1 : left->changed > right->changed;
}

static void
memory_clear (gpointer data)
{
  g_free (((Memory *) data)->path);
}

static void
drop_oldest (void)
{
  g_autofree char *folder = memory_folder ();
  g_autoptr(GDir) directory = g_dir_open (folder, 0, NULL);
  g_autoptr(GArray) memories = g_array_new (FALSE, FALSE, sizeof (Memory));
  const char *name;

  if (directory == NULL)
    return;

  g_array_set_clear_func (memories, memory_clear);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      Memory memory = { g_build_filename (folder, name, NULL), 0 };
      GStatBuf status;

      if (g_str_has_suffix (name, ".ini") && g_stat (memory.path, &status) == 0)
        {
          memory.changed = status.st_mtime;
          g_array_append_val (memories, memory);
        }
      else
        {
          g_free (memory.path);
        }
    }

  g_array_sort (memories, compare_memories);
  for (guint i = 0; i + MEMSCOPE_SESSION_MEMORY_MAX < memories->len; i++)
    g_unlink (g_array_index (memories, Memory, i).path);
}

void
memscope_session_memory_save (const char        *key,
                              MemscopeViewState *state,
                              gboolean           dismissed)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autofree char *path = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *data = NULL;
  const MemscopeGroup *group;
  gboolean differs;
  gsize length;

  g_return_if_fail (key != NULL);
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  path = memory_path (key);
  differs = write_selection (file, state) || dismissed;
  if (dismissed)
    g_key_file_set_boolean (file, GROUP, "banner-closed", TRUE);

  group = memscope_view_state_get_group (state);
  if (group != NULL && group->thread != 0 && group->variable != 0)
    {
      g_key_file_set_uint64 (file, GROUP, "card-thread", group->thread);
      g_key_file_set_uint64 (file, GROUP, "card-variable", group->variable);
      differs = TRUE;
    }
  if (!differs)
    {
      g_unlink (path);
      return;
    }

  if (memscope_view_state_get_view (state) != NULL)
    g_key_file_set_string (file, GROUP, "view", memscope_view_state_get_view (state));

  /* Nothing depends on it: a full disk is for others to complain about. */
  folder = memory_folder ();
  g_mkdir_with_parents (folder, 0700);
  data = g_key_file_to_data (file, &length, NULL);
  if (g_file_set_contents_full (path, data, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    drop_oldest ();
}

/* ---- reading ------------------------------------------------------------------------ */

static guint64
get_number (GKeyFile   *file,
            const char *key,
            guint64     missing)
{
  g_autoptr(GError) error = NULL;
  guint64 value = g_key_file_get_uint64 (file, GROUP, key, &error);

  return error == NULL ? value : missing;
}

/* NULL: not there, or an id that this recording does not have. */
static GArray *
get_ids (GKeyFile   *file,
         const char *key,
         guint       n_ids)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_auto(GStrv) parts = NULL;

  if (text == NULL)
    return NULL;

  parts = g_strsplit (text, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint64 id;
      guint32 narrow;

      if (*parts[i] == '\0')
        continue;
      if (!g_ascii_string_to_unsigned (parts[i], 10, 0, n_ids, &id, NULL))
        return NULL;
      narrow = (guint32) id;
      g_array_append_val (ids, narrow);
    }

  return g_steal_pointer (&ids);
}

static void
restore_selection (GKeyFile          *file,
                   MemscopeViewState *state)
{
  MemscopeSession *session = memscope_view_state_get_session (state);
  guint64 end = memscope_view_state_get_end (state);
  guint64 begin = get_number (file, "begin", 0), to = get_number (file, "end", end);
  guint64 instant = get_number (file, "instant", G_MAXUINT64);
  guint64 kinds = get_number (file, "kinds", MEMSCOPE_SELECTION_TOTALS);
  g_autofree char *text = g_key_file_get_string (file, GROUP, "text", NULL);
  g_autoptr(GArray) threads = get_ids (file, "threads", memscope_session_get_n_threads (session));
  g_autoptr(GArray) modules = get_ids (file, "modules", memscope_session_get_n_modules (session));

  if (begin < to && begin < end)
    memscope_view_state_set_range (state, begin, to);
  if (instant != G_MAXUINT64)
    memscope_view_state_set_instant (state, instant);
  if (threads != NULL)
    memscope_view_state_set_threads (state, threads->len > 0 ? (guint32 *)(void *)threads->data : (guint32[1]) { 0 }, threads->len);
  if (modules != NULL)
    memscope_view_state_set_modules (state, modules->len > 0 ? (guint32 *)(void *)modules->data : (guint32[1]) { 0 }, modules->len);
  if (kinds != 0 && kinds < 1u << MEMSCOPE_N_ORIGINS)
    memscope_view_state_set_origins (state, (guint) kinds);
  memscope_view_state_set_sizes (state, get_number (file, "min-size", 0), get_number (file, "max-size", G_MAXUINT64));
  if (text != NULL && strlen (text) <= MAX_TEXT && g_utf8_validate (text, -1, NULL))
    memscope_view_state_set_text (state, text);
  memscope_view_state_set_stages (state, (guint) (get_number (file, "stages", 0) & ((1u << MEMSCOPE_N_STAGES) - 1)));
}

static void
restore_group (GKeyFile          *file,
               MemscopeViewState *state)
{
  MemscopeSession *session = memscope_view_state_get_session (state);
  guint64 thread = get_number (file, "card-thread", 0), variable = get_number (file, "card-variable", 0);
  MemscopeGroup group = { .keys = MEMSCOPE_GROUP_KEY_THREAD | MEMSCOPE_GROUP_KEY_VARIABLE };

  if (thread == 0 || thread > memscope_session_get_n_threads (session) ||
      variable == 0 || variable > memscope_session_get_n_variables (session))
    return;

  group.thread = (guint32) thread;
  group.variable = (guint32) variable;
  memscope_view_state_set_group (state, &group);
}

gboolean
memscope_session_memory_restore (const char        *key,
                                 MemscopeViewState *state,
                                 gboolean          *dismissed)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autofree char *path = NULL;
  g_autofree char *view = NULL;
  GStatBuf status;

  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (state), FALSE);

  *dismissed = FALSE;
  path = memory_path (key);
  if (g_stat (path, &status) != 0 || status.st_size > MAX_FILE ||
      !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return FALSE;

  *dismissed = g_key_file_get_boolean (file, GROUP, "banner-closed", NULL);
  restore_selection (file, state);
  restore_group (file, state);
  view = g_key_file_get_string (file, GROUP, "view", NULL);
  if (view != NULL)
    memscope_view_state_set_view (state, view);

  return memscope_view_state_has_range (state) || memscope_view_state_has_filters (state) ||
         memscope_view_state_get_group (state) != NULL;
}
