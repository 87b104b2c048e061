/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "memscope-hot-pages.h"
#include "memscope-map-view.h"
#include "memscope-peak-hint.h"
#include "memscope-query.h"
#include "memscope-settings.h"
#include "memscope-web-support.h"
#ifdef HAVE_WEB
#include "memscope-web-pane.h"
#endif

/* Analyses this young are let through when the instant moves on: whoever drags it
 * sees the map follow, and is never shown more than one that is out of date.
 */
#define LET_THROUGH_USEC (700 * 1000)

#define MAX_HOT_PAGES    100u
#define MAX_SENDS        2
#define RESEND_INTERVAL  1000   /* ms */

typedef enum
{
  WEB_UNKNOWN,     /* nobody asked yet */
  WEB_CHECKING,
  WEB_WORKS,       /* there is a pane */
  WEB_FAILED,      /* and a reason */
} WebState;

struct _MemscopeMapView
{
  AdwBin                   parent_instance;

  MemscopeViewState       *state;
  GSignalGroup            *signals;
  gboolean                 narrow;

  /* what is shown */
  GCancellable            *query;
  gint64                   query_time;     /* when it began */
  gboolean                 dirty;          /* the selection moved on meanwhile */
  MemscopeMapData         *data;           /* the newest */
  GCancellable            *hot_query;
  MemscopeSelection       *hot_selection;  /* what the hot pages are of, but for the instant */
  char                    *hot_json;
  GCancellable            *group_query;
  guint64                  group_row;      /* to be inspected when its card is known */
  guint64                  row_to_show;    /* to go to as soon as it is in the map */

  /* the drawing */
  WebState                 web;
  char                    *reason;
  GCancellable            *check;
  struct _MemscopeWebPane *pane;
  gboolean                 page_ready;
  gboolean                 table_wanted;
  gboolean                 holding;        /* counted as work under way */
  MemscopeMapData         *sent;
  MemscopeMapData         *drawn;
  GCancellable            *send;
  guint                    n_failed_sends;
  guint                    resend_source;
  guint                    serial;

  MemscopePeakHint        *peak_hint;
  GtkWidget               *reason_bar;
  GtkLabel                *reason_label;
  GtkWidget               *try_button;
  GtkStack                *stack;
  GtkSpinner              *spinner;
  AdwBin                  *pane_bin;
  MemscopeMapTable        *table;
};

G_DEFINE_FINAL_TYPE (MemscopeMapView, memscope_map_view, ADW_TYPE_BIN)

static void memscope_map_view_update    (MemscopeMapView *self);
static void memscope_map_view_show_data (MemscopeMapView *self);

static gboolean
memscope_map_view_is_drawing (MemscopeMapView *self)
{
  return self->web != WEB_FAILED && !self->table_wanted;
}

/* A picture of the window waits for the drawing as it does for an analysis. */
static void
memscope_map_view_update_hold (MemscopeMapView *self)
{
  gboolean busy = gtk_widget_get_mapped (GTK_WIDGET (self)) && self->state != NULL &&
                  memscope_map_view_is_drawing (self) && self->data != NULL && self->drawn != self->data;

  if (busy == self->holding)
    return;

  self->holding = busy;
  if (busy)
    memscope_query_hold ();
  else
    memscope_query_release ();
}

static void
memscope_map_view_update_page (MemscopeMapView *self)
{
  const char *page = "wait";

  if (!memscope_map_view_is_drawing (self))
    page = "table";
  else if (self->web == WEB_WORKS)
    page = "drawing";

  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_spinner_set_spinning (self->spinner, g_str_equal (page, "wait") && gtk_widget_get_mapped (GTK_WIDGET (self)));
  gtk_widget_set_visible (self->reason_bar, self->web == WEB_FAILED);
  memscope_map_table_set_has_map (self->table, self->web != WEB_FAILED);
  memscope_map_view_update_hold (self);
}

/* ---- commands to the page ------------------------------------------------------- */

#ifdef HAVE_WEB

static void
memscope_map_view_command (MemscopeMapView *self,
                           JsonBuilder     *builder)
{
  g_autoptr(JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);

  memscope_web_pane_command (self->pane, text);
}

static void
memscope_map_view_send_look (MemscopeMapView *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  PangoFontDescription *font = pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self)));
  const char *family = font != NULL ? pango_font_description_get_family (font) : NULL;
  g_autoptr(JsonBuilder) builder = json_builder_new_immutable ();
  gboolean animations;

  if (!self->page_ready)
    return;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animations, NULL);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "look");
  json_builder_set_member_name (builder, "theme");
  json_builder_add_string_value (builder, adw_style_manager_get_dark (style) ? "dark" : "light");
  json_builder_set_member_name (builder, "contrast");
  json_builder_add_boolean_value (builder, adw_style_manager_get_high_contrast (style));
  json_builder_set_member_name (builder, "language");
  json_builder_add_string_value (builder, g_get_language_names ()[0]);
  json_builder_set_member_name (builder, "animations");
  json_builder_add_boolean_value (builder, animations);
  json_builder_set_member_name (builder, "font");
  json_builder_add_string_value (builder, family != NULL ? family : "");
  json_builder_end_object (builder);
  memscope_map_view_command (self, builder);
}

/* What the person last chose in some map: lanes, colours and so on. */
static void
memscope_map_view_send_options (MemscopeMapView *self)
{
  g_autofree char *options = g_settings_get_string (memscope_settings_get (), "map-options");
  g_autoptr(JsonNode) node = json_from_string (options, NULL);
  g_autoptr(JsonBuilder) builder = json_builder_new_immutable ();

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "set");
  json_builder_set_member_name (builder, "state");
  json_builder_add_value (builder, g_steal_pointer (&node));
  json_builder_end_object (builder);
  memscope_map_view_command (self, builder);
}

static void
memscope_map_view_send_row (MemscopeMapView *self)
{
  guint64 row = memscope_view_state_get_row (self->state);
  g_autoptr(JsonBuilder) builder = json_builder_new_immutable ();

  if (!self->page_ready)
    return;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "set");
  json_builder_set_member_name (builder, "state");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "row");
  if (row == MEMSCOPE_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, (gint64) row);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  memscope_map_view_command (self, builder);
}

static void
memscope_map_view_send_row_to_show (MemscopeMapView *self)
{
  g_autoptr(JsonBuilder) builder = json_builder_new_immutable ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "showRow");
  json_builder_set_member_name (builder, "row");
  json_builder_add_int_value (builder, (gint64) self->row_to_show);
  json_builder_end_object (builder);
  memscope_map_view_command (self, builder);
}

static void
memscope_map_view_send_hot_pages (MemscopeMapView *self)
{
  if (self->page_ready)
    memscope_web_pane_command (self->pane, self->hot_json != NULL ? self->hot_json : "{\"type\":\"hotPages\",\"hotPages\":null}");
}

/* ---- the map to the page ------------------------------------------------------------ */

static void memscope_map_view_send_data (MemscopeMapView *self);

static void
memscope_map_view_fail (MemscopeMapView *self,
                        const char      *reason)
{
  g_autofree char *text = g_strdup_printf (_("The map can’t be drawn: %s. These tables say the same."), reason);

  self->web = WEB_FAILED;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  gtk_label_set_text (self->reason_label, text);
  g_clear_handle_id (&self->resend_source, g_source_remove);
  if (self->send != NULL)
    g_cancellable_cancel (self->send);
  g_clear_object (&self->send);
  g_clear_pointer (&self->sent, memscope_map_data_unref);
  g_clear_pointer (&self->drawn, memscope_map_data_unref);
  self->page_ready = FALSE;
  if (self->pane != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->pane, self);
      self->pane = NULL;
      adw_bin_set_child (self->pane_bin, NULL);
    }
  memscope_map_view_update_page (self);
  memscope_map_view_show_data (self);
}

static gboolean
memscope_map_view_resend (gpointer user_data)
{
  MemscopeMapView *self = user_data;

  self->resend_source = 0;
  memscope_map_view_send_data (self);

  return G_SOURCE_REMOVE;
}

static void
memscope_map_view_send_done (GObject      *object,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  g_autoptr(MemscopeMapView) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean taken = memscope_web_pane_send_finish (MEMSCOPE_WEB_PANE (object), result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->send)
    return;

  g_clear_object (&self->send);
  if (taken)
    {
      self->n_failed_sends = 0;
      memscope_map_view_send_data (self);
      return;
    }

  /* The web process may just have died, and the page be on its way again. */
  g_clear_pointer (&self->sent, memscope_map_data_unref);
  if (++self->n_failed_sends > MAX_SENDS)
    memscope_map_view_fail (self, error->message);
  else if (self->resend_source == 0)
    self->resend_source = g_timeout_add (RESEND_INTERVAL, memscope_map_view_resend, self);
}

/* One at a time, and always the newest: whatever came in between is never sent. */
static void
memscope_map_view_send_data (MemscopeMapView *self)
{
  g_autofree char *name = NULL;

  if (!self->page_ready || self->send != NULL || self->data == NULL || self->data == self->sent || self->data->bytes < 0 ||
      !memscope_map_view_is_drawing (self) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  g_clear_pointer (&self->sent, memscope_map_data_unref);
  self->sent = memscope_map_data_ref (self->data);
  self->send = g_cancellable_new ();
  name = g_strdup_printf ("map:%u", ++self->serial);
  memscope_web_pane_send_async (self->pane, name, self->data->bytes, self->send,
                                memscope_map_view_send_done, g_object_ref (self));
}

/* ---- messages from the page --------------------------------------------------------- */

/* MEMSCOPE_UNKNOWN: none, or none of the session's. */
static guint64
get_row (MemscopeMapView *self,
         JsonObject      *message)
{
  JsonNode *node = json_object_get_member (message, "row");
  gint64 row;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return MEMSCOPE_UNKNOWN;

  row = json_node_get_int (node);
  if (row < 0 || (guint64) row >= memscope_session_get_n_blocks (memscope_view_state_get_session (self->state)))
    return MEMSCOPE_UNKNOWN;

  return (guint64) row;
}

static void memscope_map_view_inspect (MemscopeMapView *self,
                                       guint64          row);

static void
memscope_map_view_page_selected (MemscopeMapView *self,
                                 guint64          row)
{
  const MemscopeGroup *group = memscope_view_state_get_group (self->state);

  /* A narrow window's inspector covers the map: it waits until it is asked for. */
  if (row == MEMSCOPE_UNKNOWN || (self->narrow && group == NULL))
    memscope_view_state_set_row (self->state, row);
  else
    memscope_map_view_inspect (self, row);
}

/* The page says what of its state a person changed: kept for the next map. */
static void
memscope_map_view_page_changed (MemscopeMapView *self,
                                JsonObject      *changed)
{
  g_autofree char *options = g_settings_get_string (memscope_settings_get (), "map-options");
  g_autoptr(JsonNode) node = json_from_string (options, NULL);
  g_autofree char *text = NULL;
  g_autoptr(GList) members = NULL;
  JsonObject *object;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_clear_pointer (&node, json_node_unref);
      node = json_node_init_object (json_node_alloc (), json_object_new ());
      json_object_unref (json_node_get_object (node));
    }

  object = json_node_get_object (node);
  members = json_object_get_members (changed);
  for (GList *l = members; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (changed, l->data);

      /* The table is ours, and which block is chosen belongs to the window. */
      if (g_str_equal (l->data, "table"))
        memscope_map_view_set_table (self, json_node_get_value_type (value) == G_TYPE_BOOLEAN && json_node_get_boolean (value));
      else if (!g_str_equal (l->data, "row") && JSON_NODE_HOLDS_VALUE (value))
        json_object_set_member (object, l->data, json_node_copy (value));
    }

  text = json_to_string (node, FALSE);
  if (strlen (text) < 2000)
    g_settings_set_string (memscope_settings_get (), "map-options", text);
}

/* The page hands the keyboard on. */
static void
memscope_map_view_page_left (MemscopeMapView *self,
                             JsonObject      *message)
{
  gboolean back = json_object_get_boolean_member_with_default (message, "back", FALSE);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (root != NULL)
    gtk_widget_child_focus (GTK_WIDGET (root), back ? GTK_DIR_TAB_BACKWARD : GTK_DIR_TAB_FORWARD);
}

static void
memscope_map_view_page_drawn (MemscopeMapView *self,
                              JsonObject      *message)
{
  if (json_object_get_int_member_with_default (message, "serial", -1) != (gint64) self->serial || self->sent == NULL)
    return;

  g_clear_pointer (&self->drawn, memscope_map_data_unref);
  self->drawn = memscope_map_data_ref (self->sent);
  if (self->row_to_show != MEMSCOPE_UNKNOWN && memscope_address_map_find_row (self->drawn->map, self->row_to_show) != G_MAXUINT64)
    {
      memscope_map_view_send_row_to_show (self);
      self->row_to_show = MEMSCOPE_UNKNOWN;
    }
  memscope_map_view_update_hold (self);
}

static void
memscope_map_view_page_ready (MemscopeMapView *self)
{
  self->page_ready = TRUE;
  g_clear_pointer (&self->sent, memscope_map_data_unref);
  g_clear_pointer (&self->drawn, memscope_map_data_unref);
  memscope_map_view_send_look (self);
  memscope_map_view_send_options (self);
  if (self->state != NULL)
    memscope_map_view_send_row (self);
  memscope_map_view_send_hot_pages (self);
  memscope_map_view_send_data (self);
  memscope_map_view_update_hold (self);
}

static void
memscope_map_view_page_message (MemscopeMapView *self,
                                JsonObject      *message)
{
  const char *type = json_object_get_string_member_with_default (message, "type", "");

  if (g_str_equal (type, "error"))
    g_warning ("The map’s page: %s", json_object_get_string_member_with_default (message, "text", ""));
  else if (g_str_equal (type, "ready"))
    memscope_map_view_page_ready (self);
  else if (g_str_equal (type, "describe"))
    memscope_web_pane_set_summary (self->pane, json_object_get_string_member_with_default (message, "text", ""));
  else if (g_str_equal (type, "changed") && json_object_has_member (message, "state") &&
           JSON_NODE_HOLDS_OBJECT (json_object_get_member (message, "state")))
    memscope_map_view_page_changed (self, json_object_get_object_member (message, "state"));
  else if (g_str_equal (type, "leave"))
    memscope_map_view_page_left (self, message);
  else if (self->state == NULL)
    return;
  else if (g_str_equal (type, "drawn"))
    memscope_map_view_page_drawn (self, message);
  else if (g_str_equal (type, "select"))
    memscope_map_view_page_selected (self, get_row (self, message));
  else if (g_str_equal (type, "inspect") && get_row (self, message) != MEMSCOPE_UNKNOWN)
    memscope_map_view_inspect (self, get_row (self, message));
}

static void
memscope_map_view_make_pane (MemscopeMapView *self)
{
  self->pane = memscope_web_pane_new ("map", "map-window.html");
  g_signal_connect_swapped (self->pane, "message", G_CALLBACK (memscope_map_view_page_message), self);
  g_signal_connect_swapped (self->pane, "failed", G_CALLBACK (memscope_map_view_fail), self);
  adw_bin_set_child (self->pane_bin, GTK_WIDGET (self->pane));
}

#else /* without WebKit there is nothing to talk to, and nobody to talk */

static void
memscope_map_view_fail (MemscopeMapView *self,
                        const char      *reason)
{
  g_autofree char *text = g_strdup_printf (_("The map can’t be drawn: %s. These tables say the same."), reason);

  self->web = WEB_FAILED;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  gtk_label_set_text (self->reason_label, text);
  memscope_map_view_update_page (self);
  memscope_map_view_show_data (self);
}

static void memscope_map_view_send_look        (MemscopeMapView *self) { }
static void memscope_map_view_send_row         (MemscopeMapView *self) { }
static void memscope_map_view_send_row_to_show (MemscopeMapView *self) { }
static void memscope_map_view_send_hot_pages   (MemscopeMapView *self) { }
static void memscope_map_view_send_data        (MemscopeMapView *self) { }
static void memscope_map_view_make_pane        (MemscopeMapView *self) { }

#endif

/* ---- whether there can be a drawing ----------------------------------------------------- */

static void
memscope_map_view_checked (GObject      *object,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr(MemscopeMapView) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean works = memscope_web_support_check_finish (result, &error);

  /* Taken apart, or asked again meanwhile. */
  if (self->check != g_task_get_cancellable (G_TASK (result)) || self->web != WEB_CHECKING)
    return;

  g_clear_object (&self->check);
  if (!works)
    {
      memscope_map_view_fail (self, error->message);
      return;
    }

  self->web = WEB_WORKS;
  memscope_map_view_make_pane (self);
  memscope_map_view_update_page (self);
}

static void
memscope_map_view_check (MemscopeMapView *self)
{
  if (self->web != WEB_UNKNOWN || self->table_wanted)
    return;

  self->web = WEB_CHECKING;
  self->check = g_cancellable_new ();
  memscope_web_support_check_async (self->check, memscope_map_view_checked, g_object_ref (self));
}

static void
memscope_map_view_try_again (MemscopeMapView *self)
{
  if (self->web != WEB_FAILED)
    return;

  memscope_web_support_forget ();
  g_clear_pointer (&self->reason, g_free);
  self->web = WEB_UNKNOWN;
  self->table_wanted = FALSE;
  self->n_failed_sends = 0;
  memscope_map_view_check (self);
  memscope_map_view_update_page (self);
  memscope_map_view_update (self);
}

/* ---- the map ------------------------------------------------------------------------------ */

typedef struct
{
  guint    stages;
  gboolean with_bytes;
} MapRequest;

static gpointer
map_query (MemscopeSession   *session,
           MemscopeSelection *selection,
           gpointer           data,
           GCancellable      *cancellable)
{
  const MapRequest *request = data;

  return memscope_map_data_new (session, selection, request->stages, request->with_bytes, cancellable);
}

static char *
write_hot_pages (MemscopeHotPages *pages)
{
  g_autoptr(GString) json = g_string_new ("{\"type\":\"hotPages\",\"hotPages\":[");

  /* Numbers only: there is nothing to escape. */
  for (guint i = 0; i < pages->n_pages; i++)
    g_string_append_printf (json,
                            "%s{\"address\":\"%" G_GINT64_MODIFIER "x\",\"births\":%" G_GUINT64_FORMAT
                            ",\"bytes\":%" G_GUINT64_FORMAT ",\"row\":%" G_GUINT64_FORMAT "}",
                            i > 0 ? "," : "", pages->pages[i].address, pages->pages[i].births,
                            pages->pages[i].bytes, pages->pages[i].row);
  g_string_append (json, "]}");

  return g_string_free (g_steal_pointer (&json), FALSE);
}

static gpointer
hot_query (MemscopeSession   *session,
           MemscopeSelection *selection,
           gpointer           data,
           GCancellable      *cancellable)
{
  g_autoptr(MemscopeHotPages) pages = memscope_hot_pages_new (session, selection, MAX_HOT_PAGES, cancellable, NULL);

  return pages != NULL ? write_hot_pages (pages) : NULL;
}

static void
memscope_map_view_hot_done (gpointer owner,
                            gpointer result)
{
  MemscopeMapView *self = owner;

  g_free (self->hot_json);
  self->hot_json = result;
  memscope_map_view_send_hot_pages (self);
}

/* They are those of the range, whatever the instant: asked for once the map is there. */
static void
memscope_map_view_update_hot_pages (MemscopeMapView *self)
{
  g_autoptr(MemscopeSelection) selection = NULL;

  if (!memscope_map_view_is_drawing (self))
    return;

  selection = memscope_selection_with_instant (self->data->selection, memscope_selection_get_end (self->data->selection));
  if (self->hot_selection != NULL && memscope_selection_equal (selection, self->hot_selection))
    return;

  g_clear_pointer (&self->hot_selection, memscope_selection_unref);
  self->hot_selection = g_steal_pointer (&selection);
  g_clear_pointer (&self->hot_json, g_free);
  memscope_map_view_send_hot_pages (self);
  memscope_query_run (&self->hot_query, self, self->data->session, self->hot_selection,
                      hot_query, NULL, NULL, g_free, memscope_map_view_hot_done);
}

/* Only what is on screen is filled; the other follows when it is switched to. */
static void
memscope_map_view_show_data (MemscopeMapView *self)
{
  if (self->data == NULL)
    return;

  if (memscope_map_view_is_drawing (self))
    {
      memscope_map_table_set_data (self->table, NULL);
      memscope_map_view_send_data (self);
      memscope_map_view_update_hot_pages (self);
    }
  else
    {
      memscope_map_table_set_data (self->table, self->data);
      self->row_to_show = MEMSCOPE_UNKNOWN;
    }
  memscope_map_view_update_hold (self);
}

static void
memscope_map_view_map_done (gpointer owner,
                            gpointer result)
{
  MemscopeMapView *self = owner;

  if (result != NULL)
    {
      g_clear_pointer (&self->data, memscope_map_data_unref);
      self->data = result;
      memscope_map_view_show_data (self);
    }
  if (self->dirty)
    memscope_map_view_update (self);
}

static void
memscope_map_view_update (MemscopeMapView *self)
{
  MemscopeSelection *selection;
  MapRequest request;

  if (self->state == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  selection = memscope_view_state_get_selection (self->state);
  request = (MapRequest) { memscope_view_state_get_stages (self->state), memscope_map_view_is_drawing (self) };
  if (self->data != NULL && self->query == NULL && memscope_selection_equal (self->data->selection, selection) &&
      self->data->stages == request.stages && (self->data->bytes >= 0 || !memscope_map_view_is_drawing (self)))
    {
      memscope_map_view_show_data (self);
      return;
    }

  if (self->query != NULL && g_get_monotonic_time () - self->query_time < LET_THROUGH_USEC)
    {
      self->dirty = TRUE;
      return;
    }

  self->dirty = FALSE;
  self->query_time = g_get_monotonic_time ();
  memscope_query_run (&self->query, self,
                      memscope_view_state_get_session (self->state), selection,
                      map_query, g_memdup2 (&request, sizeof request), g_free,
                      (GDestroyNotify) memscope_map_data_unref, memscope_map_view_map_done);
}

/* ---- choosing a block ----------------------------------------------------------------------- */

static gpointer
group_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  return memscope_map_find_group (session, selection, *(guint64 *) data, cancellable);
}

static void
memscope_map_view_group_done (gpointer owner,
                              gpointer result)
{
  MemscopeMapView *self = owner;
  g_autofree MemscopeGroup *group = result;

  if (group != NULL)
    memscope_view_state_inspect (self->state, group, self->group_row);
}

static gboolean
is_of_group (MemscopeSession     *session,
             guint64              row,
             const MemscopeGroup *group)
{
  MemscopeVariableId variable;
  MemscopeBlock block;

  memscope_session_get_block (session, row, &block);
  variable = block.variable != 0 || block.stack == 0 ? block.variable : memscope_session_get_site_variable (session, block.stack);

  return group->keys == (MEMSCOPE_GROUP_KEY_THREAD | MEMSCOPE_GROUP_KEY_VARIABLE) &&
         group->thread == block.thread && group->variable == variable;
}

static void
memscope_map_view_inspect (MemscopeMapView *self,
                           guint64          row)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  const MemscopeGroup *group = memscope_view_state_get_group (self->state);

  memscope_query_cancel (&self->group_query);
  if (group != NULL && is_of_group (session, row, group))
    {
      memscope_view_state_set_row (self->state, row);
      return;
    }

  self->group_row = row;
  memscope_query_run (&self->group_query, self, session, memscope_view_state_get_selection (self->state),
                      group_query, g_memdup2 (&row, sizeof row), g_free, g_free, memscope_map_view_group_done);
}

static void
memscope_map_view_row_changed (MemscopeMapView *self)
{
  guint64 row = memscope_view_state_get_row (self->state);

  memscope_map_table_set_row (self->table, row);
  memscope_map_view_send_row (self);
}

/* ---- the widget -------------------------------------------------------------------------------- */

static void
memscope_map_view_show_drawing (MemscopeMapView *self)
{
  memscope_map_view_set_table (self, FALSE);
}

static void
memscope_map_view_css_changed (GtkWidget         *widget,
                               GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (memscope_map_view_parent_class)->css_changed (widget, change);

  memscope_map_view_send_look (MEMSCOPE_MAP_VIEW (widget));
}

static void
memscope_map_view_map (GtkWidget *widget)
{
  MemscopeMapView *self = MEMSCOPE_MAP_VIEW (widget);

  GTK_WIDGET_CLASS (memscope_map_view_parent_class)->map (widget);

  memscope_peak_hint_set_wanted (self->peak_hint, TRUE);
  memscope_map_view_check (self);
  memscope_map_view_update_page (self);
  memscope_map_view_update (self);
}

static void
memscope_map_view_unmap (GtkWidget *widget)
{
  MemscopeMapView *self = MEMSCOPE_MAP_VIEW (widget);

  GTK_WIDGET_CLASS (memscope_map_view_parent_class)->unmap (widget);

  memscope_peak_hint_set_wanted (self->peak_hint, FALSE);
  gtk_spinner_set_spinning (self->spinner, FALSE);
  memscope_map_view_update_hold (self);
}

static void
memscope_map_view_forget (MemscopeMapView *self)
{
  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->hot_query);
  memscope_query_cancel (&self->group_query);
  self->dirty = FALSE;
  self->row_to_show = MEMSCOPE_UNKNOWN;
  g_clear_pointer (&self->data, memscope_map_data_unref);
  g_clear_pointer (&self->sent, memscope_map_data_unref);
  g_clear_pointer (&self->drawn, memscope_map_data_unref);
  g_clear_pointer (&self->hot_selection, memscope_selection_unref);
  g_clear_pointer (&self->hot_json, g_free);
}

static void
memscope_map_view_dispose (GObject *object)
{
  MemscopeMapView *self = MEMSCOPE_MAP_VIEW (object);

  if (self->check != NULL)
    g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
  if (self->send != NULL)
    g_cancellable_cancel (self->send);
  g_clear_object (&self->send);
  g_clear_handle_id (&self->resend_source, g_source_remove);
  if (self->pane != NULL)
    g_signal_handlers_disconnect_by_data (self->pane, self);
  self->pane = NULL;
  self->page_ready = FALSE;
  memscope_map_view_forget (self);
  if (self->holding)
    memscope_query_release ();
  self->holding = FALSE;
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_pointer (&self->reason, g_free);

  G_OBJECT_CLASS (memscope_map_view_parent_class)->dispose (object);
}

static void
memscope_map_view_class_init (MemscopeMapViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_map_view_dispose;
  widget_class->css_changed = memscope_map_view_css_changed;
  widget_class->map = memscope_map_view_map;
  widget_class->unmap = memscope_map_view_unmap;

  g_type_ensure (MEMSCOPE_TYPE_MAP_TABLE);
  g_type_ensure (MEMSCOPE_TYPE_PEAK_HINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-map-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, peak_hint);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, reason_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, reason_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, try_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, spinner);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, pane_bin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapView, table);
  gtk_widget_class_bind_template_callback (widget_class, memscope_map_view_inspect);
  gtk_widget_class_bind_template_callback (widget_class, memscope_map_view_show_drawing);
  gtk_widget_class_bind_template_callback (widget_class, memscope_map_view_try_again);
}

static void
memscope_map_view_init (MemscopeMapView *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->row_to_show = MEMSCOPE_UNKNOWN;
#ifndef HAVE_WEB
  /* Nothing would be different then. */
  gtk_widget_set_visible (self->try_button, FALSE);
#endif

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection", G_CALLBACK (memscope_map_view_update), self);
  g_signal_group_connect_swapped (self->signals, "notify::stages", G_CALLBACK (memscope_map_view_update), self);
  g_signal_group_connect_swapped (self->signals, "notify::row", G_CALLBACK (memscope_map_view_row_changed), self);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (memscope_map_view_send_look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (memscope_map_view_send_look), self, G_CONNECT_SWAPPED);
}

void
memscope_map_view_set_state (MemscopeMapView   *self,
                             MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_VIEW (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_map_view_forget (self);
  memscope_map_table_set_data (self->table, NULL);
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_peak_hint_set_state (self->peak_hint, state);
  memscope_map_view_row_changed (self);
  memscope_map_view_update (self);
}

void
memscope_map_view_set_narrow (MemscopeMapView *self,
                              gboolean         narrow)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_VIEW (self));

  self->narrow = narrow;
  memscope_map_table_set_narrow (self->table, narrow);
}

void
memscope_map_view_prepare (MemscopeMapView *self)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_VIEW (self));

  /* Only the question: the view itself is made when it is looked at. */
  memscope_web_support_check_async (NULL, NULL, NULL);
}

void
memscope_map_view_show_row (MemscopeMapView *self,
                            guint64          row)
{
  MemscopeSelection *selection;
  MemscopeBlock block;
  guint64 instant;

  g_return_if_fail (MEMSCOPE_IS_MAP_VIEW (self));
  g_return_if_fail (self->state != NULL);

  selection = memscope_view_state_get_selection (self->state);
  instant = memscope_selection_get_instant (selection);
  memscope_session_get_block (memscope_view_state_get_session (self->state), row, &block);
  self->row_to_show = row;
  if (block.birth_time >= instant || block.death_time < instant)
    memscope_view_state_set_instant (self->state, MAX (block.birth_time + 1, memscope_selection_get_begin (selection)));
  else if (self->drawn != NULL && self->drawn == self->data)
    {
      memscope_map_view_send_row_to_show (self);
      self->row_to_show = MEMSCOPE_UNKNOWN;
    }
}

void
memscope_map_view_set_table (MemscopeMapView *self,
                             gboolean         table)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_VIEW (self));

  if (self->table_wanted == table)
    return;

  self->table_wanted = table;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    memscope_map_view_check (self);
  memscope_map_view_update_page (self);
  memscope_map_view_update (self);
}

struct _MemscopeWebPane *
memscope_map_view_get_pane (MemscopeMapView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_VIEW (self), NULL);

  return self->pane;
}

MemscopeMapTable *
memscope_map_view_get_table (MemscopeMapView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_VIEW (self), NULL);

  return self->table;
}

const char *
memscope_map_view_get_reason (MemscopeMapView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_VIEW (self), NULL);

  return self->reason;
}

MemscopeMapData *
memscope_map_view_get_data (MemscopeMapView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_VIEW (self), NULL);

  return self->data;
}
