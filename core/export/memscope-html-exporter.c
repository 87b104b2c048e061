/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-html-exporter.h"

#include <string.h>

#include "memscope-dashboard-resource.h"
#include "memscope-display.h"
#include "memscope-export-file.h"
#include "memscope-page-model.h"
#include "memscope-page-tile.h"

#define RESOURCE_FOLDER "/org/memscope/MemScope/dashboard/"

/* No row packs into less than this, so more rows need not be tried. */
#define MIN_PACKED_ROW 4

/* A call takes some 30 bytes packed: they may fill a quarter of the page. */
#define BUDGET_PER_CALL 120

/* After the analyses: listing, packing, writing. */
#define N_STEPS (MEMSCOPE_PAGE_MODEL_STEPS + 3)

typedef struct
{
  MemscopeSession      *session;
  MemscopeSelection    *selection;
  MemscopeHtmlOptions   options;
  MemscopeProgressFunc  progress;
  gpointer              progress_data;
  guint                 n_steps;

  /* the packed parts */
  char                 *head;
  char                 *stacks;
  char                 *calls;
  GPtrArray            *rows;
  GPtrArray            *extras;    /* NULL: none */
} Page;

static void
step (gpointer user_data)
{
  Page *self = user_data;

  self->n_steps++;
  if (self->progress != NULL)
    self->progress (self->n_steps, N_STEPS, self->progress_data);
}

static void
clear_parts (Page *self)
{
  g_clear_pointer (&self->head, g_free);
  g_clear_pointer (&self->stacks, g_free);
  g_clear_pointer (&self->calls, g_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->extras, g_ptr_array_unref);
}

static gsize
measure (GPtrArray *parts)
{
  gsize size = 0;

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    size += strlen (g_ptr_array_index (parts, i));

  return size;
}

/* Packs @rows and all that they refer to. *@size: bytes of everything packed. */
static gboolean
pack_parts (Page               *self,
            MemscopePageModel  *model,
            MemscopePageRows   *rows,
            gsize              *size,
            GCancellable       *cancellable,
            GError            **error)
{
  MemscopePageStrings strings;
  MemscopePagePlaces places;
  gboolean extras_too_large = FALSE;
  guint calls_left_out = 0;
  g_autofree char *head = NULL;

  memscope_page_strings_init (&strings, self->session, (self->options.redact & MEMSCOPE_REDACT_PATHS) != 0,
                              self->options.size_budget);
  memscope_page_places_init (&places, &strings);

  self->rows = memscope_page_rows_pack (rows, &places, cancellable, error);
  if (self->rows != NULL)
    {
      /* Cancelled from here on, it is the end that says so, and only once. */
      *size = measure (self->rows);
      self->extras = memscope_page_rows_pack_extras (rows, (self->options.redact & MEMSCOPE_REDACT_PATHS) != 0,
                                                     self->options.size_budget - MIN (*size, self->options.size_budget),
                                                     &extras_too_large, cancellable);
      self->calls = memscope_page_calls_pack (model->calls,
                                              (guint) MIN (self->options.size_budget / BUDGET_PER_CALL, G_MAXUINT),
                                              &places, &calls_left_out);
      head = memscope_page_model_write (model, &self->options, rows, &places, calls_left_out, extras_too_large);
      self->head = memscope_page_pack (head, strlen (head));
      self->stacks = memscope_page_places_pack_stacks (&places);
      *size += strlen (self->head) + strlen (self->stacks) + strlen (self->calls) + measure (self->extras);
    }

  memscope_page_places_clear (&places);
  memscope_page_strings_clear (&strings);

  return self->rows != NULL && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* Packs as much as fits @room: fewer and fewer rows until it does. */
static gboolean
pack_within (Page               *self,
             MemscopePageModel  *model,
             MemscopePageRows   *rows,
             gsize               room,
             GCancellable       *cancellable,
             GError            **error)
{
  gsize size = 0;

  memscope_page_rows_keep (rows, room / MIN_PACKED_ROW);

  while (pack_parts (self, model, rows, &size, cancellable, error))
    {
      gsize fixed, of_rows;

      if (size <= room || rows->n_rows == 0)
        return TRUE;

      of_rows = measure (self->rows) + measure (self->extras) + strlen (self->stacks);
      fixed = size - of_rows;
      memscope_page_rows_keep (rows, fixed >= room ? 0
                                                   : (guint64) (rows->n_rows * 0.95 * (room - fixed) / of_rows));
      clear_parts (self);
    }

  return FALSE;
}

static gboolean
make_parts (Page          *self,
            gsize          room,
            GCancellable  *cancellable,
            GError       **error)
{
  MemscopePageModel model;
  MemscopePageRows rows = { 0, };
  gboolean made = FALSE;

  if (memscope_page_model_init (&model, self->session, self->selection, self->options.suppressions, step, self,
                                cancellable, error)
      && memscope_page_rows_init (&rows, self->session, self->selection, self->options.user_variables_only,
                                  cancellable, error))
    {
      step (self);
      made = pack_within (self, &model, &rows, room, cancellable, error);
      step (self);
    }

  memscope_page_rows_clear (&rows);
  memscope_page_model_clear (&model);

  return made;
}

/* ---- the page ----------------------------------------------------------------- */

static gboolean
write_text (GOutputStream  *stream,
            const char     *text,
            gssize          length,
            GCancellable   *cancellable,
            GError        **error)
{
  return g_output_stream_write_all (stream, text, length < 0 ? strlen (text) : (gsize) length, NULL, cancellable, error);
}

/* Data blocks hold base64 only, so nothing in them can end them. */
static gboolean
write_part (GOutputStream  *stream,
            const char     *kind,
            const char     *part,
            GCancellable   *cancellable,
            GError        **error)
{
  g_autofree char *start = g_strdup_printf ("<script type=\"text/plain\" data-memscope=\"%s\">", kind);

  return write_text (stream, start, -1, cancellable, error)
         && write_text (stream, part, -1, cancellable, error)
         && write_text (stream, "</script>\n", -1, cancellable, error);
}

static gboolean
write_data (Page           *self,
            GOutputStream  *stream,
            GCancellable   *cancellable,
            GError        **error)
{
  gboolean written = write_part (stream, "head", self->head, cancellable, error)
                     && write_part (stream, "stacks", self->stacks, cancellable, error)
                     && write_part (stream, "calls", self->calls, cancellable, error);

  for (guint i = 0; written && i < self->rows->len; i++)
    written = write_part (stream, "rows", g_ptr_array_index (self->rows, i), cancellable, error);
  for (guint i = 0; written && self->extras != NULL && i < self->extras->len; i++)
    written = write_part (stream, "extras", g_ptr_array_index (self->extras, i), cancellable, error);

  return written;
}

static GBytes *
load_resource (const char *name)
{
  g_autofree char *path = g_strconcat (RESOURCE_FOLDER, name, NULL);
  g_autoptr(GError) error = NULL;
  GBytes *bytes = g_resource_lookup_data (memscope_dashboard_get_resource (), path, 0, &error);

  /* It is part of this library. */
  g_assert_no_error (error);

  return bytes;
}

/* What a content security policy names an inline script or style by. */
static char *
make_hash (GBytes *content)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (content, &length);
  guint8 digest[32];
  gsize digest_length = sizeof digest;
  g_autofree char *text = NULL;

  g_checksum_update (checksum, bytes, length);
  g_checksum_get_digest (checksum, digest, &digest_length);
  text = g_base64_encode (digest, digest_length);

  return g_strconcat ("sha256-", text, NULL);
}

static char *
make_title (MemscopeSession *session,
            guint            redact)
{
  const char *label = memscope_session_get_label (session);
  g_autofree char *base = NULL;
  g_autofree char *text = NULL;

  if (label == NULL)
    label = "";
  if (redact & MEMSCOPE_REDACT_PATHS)
    label = base = g_path_get_basename (label);
  text = memscope_display_text (label, strlen (label));

  return g_markup_escape_text (text, -1);
}

/* Fills the template's @NAME@ places. */
static gboolean
write_page (Page           *self,
            GOutputStream  *stream,
            GCancellable   *cancellable,
            GError        **error)
{
  g_autoptr(GBytes) template = load_resource ("page.html");
  g_autoptr(GBytes) style = load_resource ("page.css");
  g_autoptr(GBytes) script = load_resource ("page.js");
  g_autofree char *style_hash = make_hash (style);
  g_autofree char *script_hash = make_hash (script);
  g_autofree char *title = make_title (self->session, self->options.redact);
  const struct
  {
    const char *name;
    const char *text;
    gssize      length;
  } places[] = {
    { "@TITLE@", title, -1 },
    { "@STYLE_HASH@", style_hash, -1 },
    { "@SCRIPT_HASH@", script_hash, -1 },
    { "@STYLE@", g_bytes_get_data (style, NULL), g_bytes_get_size (style) },
    { "@SCRIPT@", g_bytes_get_data (script, NULL), g_bytes_get_size (script) },
    { "@DATA@", NULL, 0 },
  };
  g_autofree char *text = g_strndup (g_bytes_get_data (template, NULL), g_bytes_get_size (template));
  const char *at = text;

  while (*at != '\0')
    {
      const char *mark = strchr (at, '@');
      guint i = 0;

      if (mark == NULL)
        return write_text (stream, at, -1, cancellable, error);
      if (!write_text (stream, at, mark - at, cancellable, error))
        return FALSE;

      while (i < G_N_ELEMENTS (places) && !g_str_has_prefix (mark, places[i].name))
        i++;
      g_assert (i < G_N_ELEMENTS (places));
      if (places[i].text != NULL ? !write_text (stream, places[i].text, places[i].length, cancellable, error)
                                 : !write_data (self, stream, cancellable, error))
        return FALSE;
      at = mark + strlen (places[i].name);
    }

  return TRUE;
}

static gsize
measure_frame (void)
{
  static const char *const names[] = { "page.html", "page.css", "page.js" };
  gsize size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GBytes) part = load_resource (names[i]);

      size += g_bytes_get_size (part);
    }

  return size;
}

gboolean
memscope_html_export_to_stream (MemscopeSession            *session,
                                MemscopeSelection          *selection,
                                const MemscopeHtmlOptions  *options,
                                GOutputStream              *stream,
                                MemscopeProgressFunc        progress,
                                gpointer                    progress_data,
                                GCancellable               *cancellable,
                                GError                    **error)
{
  g_autoptr(MemscopeSelection) whole = NULL;
  Page page = { .session = session, .progress = progress, .progress_data = progress_data };
  gboolean written;
  gsize frame = measure_frame ();

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (options != NULL)
    page.options = *options;
  if (page.options.size_budget == 0)
    page.options.size_budget = MEMSCOPE_HTML_DEFAULT_BUDGET;
  page.selection = selection != NULL ? selection : (whole = memscope_selection_new_all (session));

  written = make_parts (&page, page.options.size_budget - MIN (page.options.size_budget, frame), cancellable, error)
            && write_page (&page, stream, cancellable, error);
  if (written)
    step (&page);
  clear_parts (&page);

  return written;
}

typedef struct
{
  MemscopeSession           *session;
  MemscopeSelection         *selection;
  const MemscopeHtmlOptions *options;
  MemscopeProgressFunc       progress;
  gpointer                   progress_data;
} Request;

static gboolean
write_request (GOutputStream  *stream,
               gpointer        user_data,
               GCancellable   *cancellable,
               GError        **error)
{
  const Request *request = user_data;

  return memscope_html_export_to_stream (request->session, request->selection, request->options, stream,
                                         request->progress, request->progress_data, cancellable, error);
}

gboolean
memscope_html_export (MemscopeSession            *session,
                      MemscopeSelection          *selection,
                      const MemscopeHtmlOptions  *options,
                      GFile                      *file,
                      MemscopeProgressFunc        progress,
                      gpointer                    progress_data,
                      GCancellable               *cancellable,
                      GError                    **error)
{
  Request request = { session, selection, options, progress, progress_data };

  return memscope_export_to_file (file, write_request, &request, cancellable, error);
}
