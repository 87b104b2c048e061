/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-export-dialog.h"
#include "memscope-json-exporter.h"
#include "memscope-query.h"
#include "memscope-settings.h"
#include "memscope-text.h"

#define MIB (1024 * 1024)

struct _MemscopeExportDialog
{
  AdwWindow          parent_instance;

  MemscopeViewState *state;
  GCancellable      *query;
  gboolean           showing;

  AdwComboRow       *format_row;
  AdwComboRow       *range_row;
  GtkSwitch         *named_switch;
  GtkSwitch         *paths_switch;
  GtkSwitch         *arguments_switch;
  GtkSwitch         *environment_switch;
  AdwPreferencesGroup *page_group;
  AdwComboRow       *language_row;
  GtkSpinButton     *budget_spin;
  GtkLabel          *estimate_label;
  GtkWidget         *export_button;
};

enum {
  ACCEPTED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (MemscopeExportDialog, memscope_export_dialog, ADW_TYPE_WINDOW)

static guint signals[N_SIGNALS];

/* The rows of the language list. */
static const char *const languages[] = { NULL, "en", "zh_CN" };

/* ---- how much it will be -------------------------------------------------------- */

typedef struct
{
  guint64 bytes;
  guint64 n_blocks;
} Estimate;

typedef struct
{
  MemscopeSelection  *selection;    /* NULL: everything */
  MemscopeJsonOptions options;
} EstimateRequest;

static void
estimate_request_free (gpointer data)
{
  EstimateRequest *request = data;

  g_clear_pointer (&request->selection, memscope_selection_unref);
  g_free (request);
}

static gpointer
estimate_query (MemscopeSession   *session,
                MemscopeSelection *selection,
                gpointer           data,
                GCancellable      *cancellable)
{
  EstimateRequest *request = data;
  g_autofree Estimate *estimate = g_new0 (Estimate, 1);

  estimate->bytes = memscope_json_estimate (session, request->selection, &request->options,
                                            &estimate->n_blocks, cancellable);

  return estimate->bytes > 0 ? g_steal_pointer (&estimate) : NULL;
}

static void
memscope_export_dialog_estimate_done (gpointer owner,
                                      gpointer result)
{
  MemscopeExportDialog *self = owner;
  g_autofree Estimate *estimate = result;
  MemscopeExportOptions options;
  g_autofree char *blocks = NULL;
  g_autofree char *bytes = NULL;
  g_autofree char *text = NULL;

  if (estimate == NULL)
    return;

  memscope_export_dialog_get_options (self, &options);
  blocks = memscope_text_count (estimate->n_blocks);
  if (options.format == MEMSCOPE_EXPORT_JSON)
    {
      bytes = memscope_text_size (estimate->bytes);
      text = g_strdup_printf (ngettext ("%s block, about %s", "%s blocks, about %s", estimate->n_blocks), blocks, bytes);
    }
  else
    {
      bytes = memscope_text_size (options.size_budget);
      text = g_strdup_printf (ngettext ("%s block; the page has at most %s and says what did not fit",
                                        "%s blocks; the page has at most %s and says what did not fit",
                                        estimate->n_blocks), blocks, bytes);
    }
  gtk_label_set_text (self->estimate_label, text);
}

static void
memscope_export_dialog_changed (MemscopeExportDialog *self)
{
  MemscopeSession *session;
  MemscopeSelection *selection;
  MemscopeExportOptions options;
  EstimateRequest *request;

  if (self->showing || self->state == NULL)
    return;

  memscope_export_dialog_get_options (self, &options);
  gtk_widget_set_visible (GTK_WIDGET (self->page_group), options.format == MEMSCOPE_EXPORT_HTML);
  gtk_label_set_text (self->estimate_label, _("Counting…"));

  session = memscope_view_state_get_session (self->state);
  selection = memscope_view_state_get_selection (self->state);
  request = g_new0 (EstimateRequest, 1);
  if (options.selected)
    request->selection = memscope_selection_ref (selection);
  else if (options.format == MEMSCOPE_EXPORT_HTML)
    request->selection = memscope_selection_new_all (session);
  request->options.user_variables_only = options.user_variables_only;
  request->options.redact = options.redact;
  memscope_query_run (&self->query, self, session, selection, estimate_query, request,
                      estimate_request_free, g_free, memscope_export_dialog_estimate_done);
}

/* "00:56.4 – 01:44.7, 2 filters": what "selected" is. */
static void
memscope_export_dialog_describe_range (MemscopeExportDialog *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  gboolean selected = adw_combo_row_get_selected (self->range_row) == 0;
  g_autofree char *from = memscope_text_time (memscope_selection_get_begin (selection), whole);
  g_autofree char *to = memscope_text_time (MIN (memscope_selection_get_end (selection), whole - 1), whole);
  g_autofree char *text = NULL;

  if (!selected)
    text = g_strdup (_("Everything, whatever the window shows"));
  else if (memscope_view_state_has_filters (self->state))
    text = g_strdup_printf (_("%s – %s, through the filters of the window"), from, to);
  else
    text = g_strdup_printf (_("%s – %s"), from, to);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->range_row), text);
}

static void
memscope_export_dialog_range_changed (MemscopeExportDialog *self)
{
  if (self->state == NULL)
    return;

  memscope_export_dialog_describe_range (self);
  memscope_export_dialog_changed (self);
}

/* ---- answers ----------------------------------------------------------------------- */

static void
memscope_export_dialog_cancel (MemscopeExportDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_export_dialog_accept (MemscopeExportDialog *self)
{
  MemscopeExportOptions options;

  gtk_spin_button_update (self->budget_spin);
  memscope_export_dialog_get_options (self, &options);
  memscope_export_options_save (&options, memscope_settings_get ());
  g_signal_emit (self, signals[ACCEPTED], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_export_dialog_show_options (MemscopeExportDialog        *self,
                                     const MemscopeExportOptions *options)
{
  guint language = 0;

  for (guint i = 1; i < G_N_ELEMENTS (languages); i++)
    if (g_strcmp0 (options->language, languages[i]) == 0)
      language = i;

  self->showing = TRUE;
  adw_combo_row_set_selected (self->format_row, options->format);
  adw_combo_row_set_selected (self->range_row, options->selected ? 0 : 1);
  gtk_switch_set_active (self->named_switch, options->user_variables_only);
  gtk_switch_set_active (self->paths_switch, (options->redact & MEMSCOPE_REDACT_PATHS) != 0);
  gtk_switch_set_active (self->arguments_switch, (options->redact & MEMSCOPE_REDACT_ARGUMENTS) != 0);
  gtk_switch_set_active (self->environment_switch, (options->redact & MEMSCOPE_REDACT_ENVIRONMENT) != 0);
  adw_combo_row_set_selected (self->language_row, language);
  gtk_spin_button_set_value (self->budget_spin, (double) options->size_budget / MIB);
  self->showing = FALSE;
}

static void
memscope_export_dialog_dispose (GObject *object)
{
  MemscopeExportDialog *self = MEMSCOPE_EXPORT_DIALOG (object);

  memscope_query_cancel (&self->query);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_export_dialog_parent_class)->dispose (object);
}

static void
memscope_export_dialog_class_init (MemscopeExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_export_dialog_dispose;

  signals[ACCEPTED] = g_signal_new ("accepted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-export-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, format_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, range_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, named_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, paths_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, arguments_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, environment_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, page_group);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, language_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, budget_spin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, estimate_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, export_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_range_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_cancel);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_accept);
}

static void
memscope_export_dialog_init (MemscopeExportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

MemscopeExportDialog *
memscope_export_dialog_new (GtkWindow            *parent,
                            MemscopeViewState    *state,
                            MemscopeExportFormat  format)
{
  MemscopeExportDialog *self;
  MemscopeExportOptions options;

  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (state), NULL);

  self = g_object_new (MEMSCOPE_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);
  memscope_export_options_load (&options, memscope_settings_get ());
  options.format = format;
  memscope_export_dialog_show_options (self, &options);
  self->state = g_object_ref (state);
  memscope_export_dialog_range_changed (self);

  return self;
}

void
memscope_export_dialog_get_options (MemscopeExportDialog  *self,
                                    MemscopeExportOptions *options)
{
  g_return_if_fail (MEMSCOPE_IS_EXPORT_DIALOG (self));

  options->format = MIN (adw_combo_row_get_selected (self->format_row), MEMSCOPE_N_EXPORT_FORMATS - 1);
  options->selected = adw_combo_row_get_selected (self->range_row) == 0;
  options->user_variables_only = gtk_switch_get_active (self->named_switch);
  options->redact = (gtk_switch_get_active (self->paths_switch) ? MEMSCOPE_REDACT_PATHS : 0) |
                    (gtk_switch_get_active (self->arguments_switch) ? MEMSCOPE_REDACT_ARGUMENTS : 0) |
                    (gtk_switch_get_active (self->environment_switch) ? MEMSCOPE_REDACT_ENVIRONMENT : 0);
  options->language = languages[MIN (adw_combo_row_get_selected (self->language_row), G_N_ELEMENTS (languages) - 1)];
  options->size_budget = (guint64) gtk_spin_button_get_value_as_int (self->budget_spin) * MIB;
}
