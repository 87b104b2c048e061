/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-segments.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-format.h"

/* More files than that in a folder are not looked at. */
#define MAX_FILES 100000u

typedef struct
{
  GFile   *file;
  char    *stem;          /* PROGRAM.PID of PROGRAM.PID.NUMBER.memscope */
  guint8   session[16];
  guint64  created;       /* ns since 1970 */
  guint64  size;
  guint    number;        /* from 1 */
} Segment;

struct _MemscopeSegments
{
  char      *label;
  GPtrArray *segments;    /* Segment, ascending by number */
  GPtrArray *others;      /* char*, and NULL */
  guint64    size;
};

static void
segment_free (gpointer data)
{
  Segment *self = data;

  if (self == NULL)
    return;

  g_object_unref (self->file);
  g_free (self->stem);
  g_free (self);
}

/* ---- one file ---------------------------------------------------------------- */

/* What stands before the last number of a name. */
static char *
stem_of (const char *name)
{
  const char *end = g_str_has_suffix (name, ".memscope") ? name + strlen (name) - strlen (".memscope") : name + strlen (name);
  const char *dot = g_strrstr_len (name, end - name, ".");

  return g_strndup (name, (gsize) ((dot != NULL ? dot : end) - name));
}

/* NULL: not a segment. */
static Segment *
look_at (GFile        *file,
         GFileInfo    *info,
         GCancellable *cancellable)
{
  g_autoptr(GFileInputStream) stream = NULL;
  guint8 head[sizeof (MemscopeFileHeader)];
  MemscopeFileHeader header;
  gsize length = 0;
  Segment *self;

  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    return NULL;

  stream = g_file_read (file, cancellable, NULL);
  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &length, cancellable, NULL) ||
      !memscope_file_header_read (head, length, &header) || memscope_file_header_get_segment (&header) == 0)
    return NULL;

  self = g_new0 (Segment, 1);
  self->file = g_object_ref (file);
  self->stem = stem_of (g_file_info_get_name (info));
  memcpy (self->session, header.session_uuid, sizeof self->session);
  self->created = header.created_unix_ns;
  self->size = (guint64) g_file_info_get_size (info);
  self->number = memscope_file_header_get_segment (&header);

  return self;
}

/* ---- the folder ---------------------------------------------------------------- */

static gboolean
is_wanted_name (const char *name,
                const char *prefix)
{
  gsize length;

  if (!g_str_has_suffix (name, ".memscope"))
    return FALSE;
  if (prefix == NULL)
    return TRUE;

  length = strlen (prefix);

  return strncmp (name, prefix, length) == 0 && name[length] == '.';
}

/* *@n_files: recordings of any sort that are there. */
static GPtrArray *
list_segments (GFile         *folder,
               const char    *prefix,
               guint         *n_files,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func (segment_free);
  g_autoptr(GFileEnumerator) children = NULL;

  children = g_file_enumerate_children (folder, G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE ","
                                        G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS,
                                        cancellable, error);
  if (children == NULL)
    return NULL;

  while (*n_files < MAX_FILES)
    {
      GFileInfo *info;
      GFile *file;
      Segment *segment;

      if (!g_file_enumerator_iterate (children, &info, &file, cancellable, error))
        return NULL;
      if (info == NULL)
        break;
      if (!is_wanted_name (g_file_info_get_name (info), prefix))
        continue;

      ++*n_files;
      segment = look_at (file, info, cancellable);
      if (segment != NULL)
        g_ptr_array_add (found, segment);
    }

  return g_steal_pointer (&found);
}

/* By process, the one that began first in front; its segments in their order, of two
 * with one number the larger first.
 */
static int
compare_segments (gconstpointer a,
                  gconstpointer b)
{
  const Segment *left = *(Segment *const *) a, *right = *(Segment *const *) b;
  int order = memcmp (left->session, right->session, sizeof left->session);

  if (order != 0 && left->created != right->created)
    return left->created < right->created ? -1 : 1;
  if (order != 0)
    return order;
  if (left->number != right->number)
    return left->number < right->number ? -1 : 1;

  return left->size > right->size ? -1 : left->size < right->size;
}

/* Takes the first process's segments, and the names of the others. */
static void
choose (MemscopeSegments *self,
        GPtrArray        *found)
{
  const Segment *first = g_ptr_array_index (found, 0), *before = first;

  for (guint i = 0; i < found->len; i++)
    {
      Segment *segment = g_ptr_array_index (found, i);
      gboolean same = memcmp (segment->session, before->session, sizeof segment->session) == 0;

      if (memcmp (segment->session, first->session, sizeof segment->session) != 0)
        {
          if (!same)
            g_ptr_array_add (self->others, g_strdup (segment->stem));
        }
      else if (segment == first || segment->number != before->number)
        {
          g_ptr_array_add (self->segments, segment);
          g_ptr_array_index (found, i) = NULL;
          self->size += segment->size;
        }
      before = segment;
    }

  g_ptr_array_add (self->others, NULL);
}

static gboolean
refuse_empty (GFile   *folder,
              guint    n_files,
              GError **error)
{
  g_autofree char *name = g_file_get_parse_name (folder);

  if (n_files == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, _("There is no recording in the folder %s"), name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 g_dngettext (GETTEXT_PACKAGE,
                              "The folder %s holds %u recording, but not the segments of one: open the file itself",
                              "The folder %s holds %u recordings, but not the segments of one: open one of the files",
                              n_files),
                 name, n_files);

  return FALSE;
}

MemscopeSegments *
memscope_segments_find (GFile         *folder,
                        GCancellable  *cancellable,
                        GError       **error)
{
  gboolean is_folder = g_file_query_file_type (folder, G_FILE_QUERY_INFO_NONE, cancellable) == G_FILE_TYPE_DIRECTORY;
  g_autoptr(GFile) parent = is_folder ? g_object_ref (folder) : g_file_get_parent (folder);
  g_autofree char *prefix = is_folder ? NULL : g_file_get_basename (folder);
  g_autoptr(MemscopeSegments) self = g_new0 (MemscopeSegments, 1);
  g_autoptr(GPtrArray) found = NULL;
  guint n_files = 0;

  self->label = g_file_get_basename (folder);
  self->segments = g_ptr_array_new_with_free_func (segment_free);
  self->others = g_ptr_array_new_with_free_func (g_free);

  found = parent != NULL ? list_segments (parent, prefix, &n_files, cancellable, error) : NULL;
  if (found == NULL)
    return NULL;
  if (found->len == 0)
    {
      refuse_empty (parent, n_files, error);
      return NULL;
    }

  g_ptr_array_sort (found, compare_segments);
  choose (self, found);

  return g_steal_pointer (&self);
}

void
memscope_segments_free (MemscopeSegments *self)
{
  g_free (self->label);
  g_ptr_array_unref (self->segments);
  g_ptr_array_unref (self->others);
  g_free (self);
}

/* ---- what was found -------------------------------------------------------------- */

const char *
memscope_segments_get_label (MemscopeSegments *self)
{
  return self->label;
}

guint
memscope_segments_get_n (MemscopeSegments *self)
{
  return self->segments->len;
}

GFile *
memscope_segments_get_file (MemscopeSegments *self,
                            guint             index)
{
  return ((Segment *) g_ptr_array_index (self->segments, index))->file;
}

guint
memscope_segments_get_number (MemscopeSegments *self,
                              guint             index)
{
  return ((Segment *) g_ptr_array_index (self->segments, index))->number;
}

guint64
memscope_segments_get_size (MemscopeSegments *self)
{
  return self->size;
}

const char * const *
memscope_segments_get_others (MemscopeSegments *self)
{
  return (const char * const *) self->others->pdata;
}
