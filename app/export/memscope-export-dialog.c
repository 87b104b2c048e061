/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-export-dialog.h"
#include "memscope-export-target.h"
#include "memscope-json-exporter.h"
#include "memscope-query.h"
#include "memscope-settings.h"
#include "memscope-text.h"

#define MIB (1024 * 1024)

struct _MemscopeExportDialog
{
  AdwWindow          parent_instance;

  MemscopeViewState *state;
  GFile             *recording;        /* NULL: it has no file */
  GCancellable      *query;
  gboolean           showing;

  /* The place: looked at in a thread, anew with whatever is typed. */
  GCancellable         *target_query;
  guint                 target_serial; /* of what is typed */
  MemscopeExportTarget *target;        /* NULL: being looked at */
  gboolean              typed;         /* by somebody: nothing more is proposed */
  gboolean              accepting;     /* as soon as it was looked at */
  GtkFileChooserNative *chooser;

  /* Not AdwEntryRow: that of 1.2 does not tell assistive technology that it has the focus. */
  GtkEntry          *name_entry;
  GtkEntry          *folder_entry;
  GtkRevealer       *target_revealer;
  GtkImage          *target_image;
  GtkLabel          *target_label;
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

/* ---- where it goes ------------------------------------------------------------------ */

typedef struct
{
  gboolean              propose;
  char                 *folder;      /* as typed; NULL when proposed */
  char                 *name;
  GFile                *last_folder;
  GFile                *recording;
  MemscopeExportFormat  format;
  guint                 serial;
} TargetRequest;

typedef struct
{
  MemscopeExportTarget *target;
  char                 *folder;
  char                 *name;
  guint                 serial;
} TargetAnswer;

static void
target_request_free (gpointer data)
{
  TargetRequest *request = data;

  g_free (request->folder);
  g_free (request->name);
  g_clear_object (&request->last_folder);
  g_clear_object (&request->recording);
  g_free (request);
}

static void
target_answer_free (gpointer data)
{
  TargetAnswer *answer = data;

  g_clear_pointer (&answer->target, memscope_export_target_free);
  g_free (answer->folder);
  g_free (answer->name);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TargetAnswer, target_answer_free)

static gpointer
target_query (MemscopeSession   *session,
              MemscopeSelection *selection,
              gpointer           data,
              GCancellable      *cancellable)
{
  const TargetRequest *request = data;
  TargetAnswer *answer = g_new0 (TargetAnswer, 1);

  answer->serial = request->serial;
  if (request->propose)
    {
      g_autoptr(GFile) folder = NULL;

      memscope_export_target_propose (request->recording, request->last_folder, request->format, cancellable,
                                      &folder, &answer->name);
      answer->folder = memscope_export_target_show_folder (folder);
    }
  answer->target = memscope_export_target_check (request->propose ? answer->folder : request->folder,
                                                 request->propose ? answer->name : request->name,
                                                 request->format, request->recording, cancellable);

  return answer;
}

/* What there is to say about the place; NULL: it goes where it seems to go. */
static char *
memscope_export_dialog_describe_target (MemscopeExportDialog *self)
{
  const MemscopeExportTarget *target = self->target;
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->name_entry));
  g_autofree char *base = target->file != NULL ? g_file_get_basename (target->file) : NULL;
  g_autofree char *display = g_filename_display_name (base != NULL ? base : "");
  g_autofree char *name = memscope_text_isolate (display);
  g_autofree char *size = NULL;
  g_autofree char *date = NULL;

  switch (target->state)
    {
    case MEMSCOPE_EXPORT_TARGET_NEW:
      if (g_str_equal (display, typed))
        return NULL;
      {
        g_autofree char *place = g_file_get_parse_name (target->file);
        g_autofree char *isolated = memscope_text_isolate (place);

        return g_strdup_printf (_("Will be written to %s"), isolated);
      }

    case MEMSCOPE_EXPORT_TARGET_EXISTS:
      if (target->modified == 0)
        return g_strdup_printf (_("%s is there already and will be replaced"), name);
      size = memscope_text_size (target->size);
      date = memscope_text_date (target->modified);
      return g_strdup_printf (_("%s is there already (%s, %s) and will be replaced"), name, size, date);

    case MEMSCOPE_EXPORT_TARGET_NO_NAME:
      return g_strdup (_("Type a name for the file"));

    case MEMSCOPE_EXPORT_TARGET_NO_FOLDER:
      return g_strdup (_("There is no such folder"));

    case MEMSCOPE_EXPORT_TARGET_IS_FOLDER:
      return g_strdup_printf (_("%s is a folder: type another name"), name);

    case MEMSCOPE_EXPORT_TARGET_IS_RECORDING:
      return g_strdup_printf (_("%s is the recording itself: type another name"), name);

    case MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE:
      return g_strdup (_("You may not write there. Choose a folder of your own."));

    case MEMSCOPE_EXPORT_TARGET_UNKNOWN:
    default:
      return g_strdup (target->message);
    }
}

static gboolean
memscope_export_dialog_is_blocked (MemscopeExportDialog *self)
{
  return self->target != NULL && self->target->state != MEMSCOPE_EXPORT_TARGET_NEW &&
         self->target->state != MEMSCOPE_EXPORT_TARGET_EXISTS;
}

static void
set_class (GtkWidget  *widget,
           const char *name,
           gboolean    has)
{
  if (has)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
memscope_export_dialog_show_target (MemscopeExportDialog *self)
{
  g_autofree char *text = NULL;
  gboolean replaces = self->target != NULL && self->target->state == MEMSCOPE_EXPORT_TARGET_EXISTS;
  gboolean blocked = memscope_export_dialog_is_blocked (self);
  gboolean blames_folder = self->target != NULL && (self->target->state == MEMSCOPE_EXPORT_TARGET_NO_FOLDER ||
                                                    self->target->state == MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE);

  gtk_widget_set_sensitive (self->export_button, !blocked);
  /* While it is looked at, what was said stays: the eye needn't follow every key. */
  if (self->target == NULL)
    return;

  text = memscope_export_dialog_describe_target (self);
  if (text != NULL)
    {
      gtk_label_set_text (self->target_label, text);
      gtk_image_set_from_icon_name (self->target_image, replaces || blocked ? "dialog-warning-symbolic" : "dialog-information-symbolic");
    }
  set_class (GTK_WIDGET (self->target_image), "warning", replaces);
  set_class (GTK_WIDGET (self->target_image), "error", blocked);
  gtk_revealer_set_reveal_child (self->target_revealer, text != NULL);
  if (gtk_widget_has_css_class (self->export_button, "destructive-action") != replaces)
    gtk_button_set_label (GTK_BUTTON (self->export_button), replaces ? _("_Replace") : _("_Export"));
  set_class (GTK_WIDGET (self->export_button), "destructive-action", replaces);
  set_class (GTK_WIDGET (self->export_button), "suggested-action", !replaces);
  set_class (GTK_WIDGET (self->folder_entry), "error", blocked && blames_folder);
  set_class (GTK_WIDGET (self->name_entry), "error", blocked && !blames_folder);
}

/* What a person types over: the name without its suffix. */
static void
memscope_export_dialog_select_name (MemscopeExportDialog *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_entry));
  gsize stem = memscope_export_target_stem_length (name);

  gtk_editable_select_region (GTK_EDITABLE (self->name_entry), 0, (int) g_utf8_strlen (name, (gssize) stem));
}

static void memscope_export_dialog_go_on (MemscopeExportDialog *self);

static void
memscope_export_dialog_target_done (gpointer owner,
                                    gpointer result)
{
  MemscopeExportDialog *self = owner;
  g_autoptr(TargetAnswer) answer = result;

  if (answer == NULL || answer->serial != self->target_serial)
    return;

  if (answer->name != NULL)
    {
      self->showing = TRUE;
      gtk_editable_set_text (GTK_EDITABLE (self->folder_entry), answer->folder);
      gtk_editable_set_text (GTK_EDITABLE (self->name_entry), answer->name);
      self->showing = FALSE;
      memscope_export_dialog_select_name (self);
    }
  g_clear_pointer (&self->target, memscope_export_target_free);
  self->target = g_steal_pointer (&answer->target);
  memscope_export_dialog_show_target (self);

  /* Whoever went on before this was known has not been told of a file that would be lost. */
  if (self->accepting && self->target->state == MEMSCOPE_EXPORT_TARGET_NEW)
    memscope_export_dialog_go_on (self);
  self->accepting = FALSE;
}

static void
memscope_export_dialog_look (MemscopeExportDialog *self)
{
  TargetRequest *request = g_new0 (TargetRequest, 1);
  g_autofree char *last = g_settings_get_string (memscope_settings_get (), "export-folder");

  g_clear_pointer (&self->target, memscope_export_target_free);
  request->serial = ++self->target_serial;
  request->propose = !self->typed;
  request->format = MIN (adw_combo_row_get_selected (self->format_row), MEMSCOPE_N_EXPORT_FORMATS - 1);
  g_set_object (&request->recording, self->recording);
  if (request->propose)
    {
      request->last_folder = *last != '\0' ? g_file_new_for_uri (last) : NULL;
    }
  else
    {
      request->folder = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->folder_entry)));
      request->name = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_entry)));
    }
  memscope_export_dialog_show_target (self);
  memscope_query_run (&self->target_query, self, memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state), target_query, request,
                      target_request_free, target_answer_free, memscope_export_dialog_target_done);
}

static void
memscope_export_dialog_target_typed (MemscopeExportDialog *self)
{
  if (self->showing || self->state == NULL)
    return;

  self->typed = TRUE;
  self->accepting = FALSE;
  memscope_export_dialog_look (self);
}

static void
memscope_export_dialog_format_changed (MemscopeExportDialog *self)
{
  if (self->state == NULL || self->showing)
    return;

  if (self->typed)
    {
      MemscopeExportFormat format = MIN (adw_combo_row_get_selected (self->format_row), MEMSCOPE_N_EXPORT_FORMATS - 1);
      g_autofree char *name = memscope_export_target_change_suffix (gtk_editable_get_text (GTK_EDITABLE (self->name_entry)), format);

      self->showing = TRUE;
      gtk_editable_set_text (GTK_EDITABLE (self->name_entry), name);
      self->showing = FALSE;
    }
  memscope_export_dialog_look (self);
  memscope_export_dialog_changed (self);
}

static void
memscope_export_dialog_chosen (GtkNativeDialog *native,
                               int              response,
                               gpointer         user_data)
{
  MemscopeExportDialog *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (native));
      g_autoptr(GFile) folder = file != NULL ? g_file_get_parent (file) : NULL;

      if (folder != NULL)
        {
          g_autofree char *place = memscope_export_target_show_folder (folder);
          g_autofree char *base = g_file_get_basename (file);
          g_autofree char *name = g_filename_display_name (base);

          self->showing = TRUE;
          gtk_editable_set_text (GTK_EDITABLE (self->folder_entry), place);
          gtk_editable_set_text (GTK_EDITABLE (self->name_entry), name);
          self->showing = FALSE;
          memscope_export_dialog_target_typed (self);
        }
    }

  g_clear_object (&self->chooser);
}

static void
memscope_export_dialog_choose (MemscopeExportDialog *self)
{
  gboolean json = adw_combo_row_get_selected (self->format_row) == MEMSCOPE_EXPORT_JSON;
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_entry));
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr(GFile) file = memscope_export_target_resolve (gtk_editable_get_text (GTK_EDITABLE (self->folder_entry)), name,
                                                          json ? MEMSCOPE_EXPORT_JSON : MEMSCOPE_EXPORT_HTML);
  g_autoptr(GFile) folder = file != NULL ? g_file_get_parent (file) : NULL;

  gtk_file_filter_set_name (filter, json ? _("Data (JSON)") : _("Page (HTML)"));
  gtk_file_filter_add_suffix (filter, json ? "json" : "html");

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (json ? _("Export Data") : _("Export Page"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _("_Select"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), strchr (name, '/') == NULL ? name : "");
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_export_dialog_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- answers ----------------------------------------------------------------------- */

static void
memscope_export_dialog_cancel (MemscopeExportDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_export_dialog_go_on (MemscopeExportDialog *self)
{
  g_autoptr(GFile) folder = g_file_get_parent (self->target->file);
  MemscopeExportOptions options;

  memscope_export_dialog_get_options (self, &options);
  if (folder != NULL)
    {
      g_autofree char *uri = g_file_get_uri (folder);

      g_settings_set_string (memscope_settings_get (), "export-folder", uri);
    }
  memscope_export_options_save (&options, memscope_settings_get ());
  g_signal_emit (self, signals[ACCEPTED], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_export_dialog_accept (MemscopeExportDialog *self)
{
  gtk_spin_button_update (self->budget_spin);
  if (self->target == NULL)
    self->accepting = TRUE;
  else if (!memscope_export_dialog_is_blocked (self))
    memscope_export_dialog_go_on (self);
}

static void
memscope_export_dialog_map (GtkWidget *widget)
{
  MemscopeExportDialog *self = MEMSCOPE_EXPORT_DIALOG (widget);

  GTK_WIDGET_CLASS (memscope_export_dialog_parent_class)->map (widget);

  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
  memscope_export_dialog_select_name (self);
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
  memscope_query_cancel (&self->target_query);
  g_clear_pointer (&self->target, memscope_export_target_free);
  g_clear_object (&self->chooser);
  g_clear_object (&self->recording);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_export_dialog_parent_class)->dispose (object);
}

static void
memscope_export_dialog_class_init (MemscopeExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_export_dialog_dispose;
  widget_class->map = memscope_export_dialog_map;

  signals[ACCEPTED] = g_signal_new ("accepted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-export-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, folder_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, target_revealer);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, target_image);
  gtk_widget_class_bind_template_child (widget_class, MemscopeExportDialog, target_label);
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
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_format_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_target_typed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_export_dialog_choose);
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
                            GFile                *recording,
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
  g_set_object (&self->recording, recording);
  memscope_export_dialog_range_changed (self);
  memscope_export_dialog_look (self);

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

GFile *
memscope_export_dialog_get_file (MemscopeExportDialog *self,
                                 gboolean             *replace)
{
  g_return_val_if_fail (MEMSCOPE_IS_EXPORT_DIALOG (self), NULL);

  *replace = self->target != NULL && self->target->state == MEMSCOPE_EXPORT_TARGET_EXISTS;

  return self->target != NULL ? self->target->file : NULL;
}
