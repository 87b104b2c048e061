/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-session-banner.h"
#include "memscope-text.h"

typedef struct
{
  gboolean  grave;      /* warning, else something to know */
  char     *title;
  char     *text;
  char     *advice;     /* among the details only */
} Notice;

struct _MemscopeSessionBanner
{
  AdwBin             parent_instance;

  MemscopeViewState *state;
  GArray            *notices;     /* Notice */
  guint              n_ours;      /* of those; the reader's own words on the same things follow */
  gboolean           dismissed;
  gboolean           repairable;
  guint              next_loss;

  GtkInfoBar        *info_bar;
  GtkBox            *layout;
  GtkImage          *icon;
  GtkLabel          *label;
  GtkWidget         *show_button;
  GtkWidget         *repair_button;
  GtkWidget         *details_button;
  GtkLabel          *details;
};

enum {
  PROP_0,
  PROP_DISMISSED,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeSessionBanner, memscope_session_banner, ADW_TYPE_BIN)

static GParamSpec *properties[N_PROPS];

static void
notice_clear (gpointer data)
{
  Notice *notice = data;

  g_free (notice->title);
  g_free (notice->text);
  g_free (notice->advice);
}

/* Takes over @title and @text. */
static void
memscope_session_banner_add (MemscopeSessionBanner *self,
                             gboolean               grave,
                             char                  *title,
                             char                  *text,
                             const char            *advice)
{
  const Notice notice = { grave, title, text, g_strdup (advice) };

  g_array_append_val (self->notices, notice);
}

/* ---- what there is to say ----------------------------------------------------- */

static char *
dup_time (MemscopeSession *session,
          guint64          time)
{
  guint64 duration = memscope_session_get_duration (session);

  return memscope_text_time (MIN (time, duration), duration + 1);
}

static void
memscope_session_banner_add_ending (MemscopeSessionBanner *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint64 status, time;
  MemscopeEnding ending = memscope_session_get_ending (session, &status, &time);
  g_autofree char *when = time != MEMSCOPE_UNKNOWN ? dup_time (session, time) : NULL;

  switch (ending)
    {
    case MEMSCOPE_ENDING_SIGNAL:
      memscope_session_banner_add (self, TRUE,
                                   g_strdup_printf (_("The program was killed by signal %u (%s)."),
                                                    (guint) status, g_strsignal ((int) MIN (status, 128))),
                                   g_strdup_printf (_("That was at %s; everything up to then is here."), when),
                                   NULL);
      break;

    case MEMSCOPE_ENDING_STOPPED:
      if (status != 0)
        memscope_session_banner_add (self, TRUE, g_strdup (_("Recording ended before the program did.")),
                                     g_strdup_printf (_("At %s the recorder could not go on: %s."),
                                                      when, g_strerror ((int) MIN (status, 4095))),
                                     _("The usual reasons are a full disk and a limit on the size of files."));
      else
        memscope_session_banner_add (self, FALSE, g_strdup (_("Recording was stopped while the program ran on.")),
                                     g_strdup_printf (_("What is live at %s is no leak yet."), when),
                                   NULL);
      break;

    case MEMSCOPE_ENDING_DETACHED:
      memscope_session_banner_add (self, FALSE, g_strdup (_("The recorder was taken out while the program ran on.")),
                                   g_strdup_printf (_("What is live at %s is no leak yet."), when),
                                   NULL);
      break;

    case MEMSCOPE_ENDING_UNKNOWN:
    case MEMSCOPE_ENDING_EXIT:
    case MEMSCOPE_ENDING_EXEC:
    case MEMSCOPE_ENDING_GONE:
    default:
      break;
    }
}

/* Not what a repair has made already. */
static gboolean
is_repairable (MemscopeSession *session)
{
  return g_str_equal (memscope_session_get_format_name (session), "native") &&
         !memscope_session_get_complete (session) && !memscope_session_get_repaired (session);
}

static void
memscope_session_banner_add_incomplete (MemscopeSessionBanner *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  g_autofree char *end = dup_time (session, memscope_session_get_duration (session));

  if (memscope_session_get_complete (session))
    return;

  if (memscope_session_get_repaired (session))
    {
      memscope_session_banner_add (self, FALSE, g_strdup (_("This is the repaired copy of a recording that was cut or damaged.")),
                                   g_strdup_printf (_("Everything up to %s is here; what leaked cannot be told."), end), NULL);
      return;
    }

  memscope_session_banner_add (self, TRUE, g_strdup (_("The recorder stopped without closing the file.")),
                               g_strdup_printf (_("Everything up to %s is here; what leaked cannot be told."), end),
                               _("Nobody saw the end of the program: the recorder was killed, the disk was full, or it is still recording. "
                                 "In that case open the file again later."));
}

static const char *
reason_of (MemscopeLossReason reason)
{
  switch (reason)
    {
    case MEMSCOPE_LOSS_BUFFER_FULL:
      return _("a buffer of the recorder was full");

    case MEMSCOPE_LOSS_STALLED:
      return _("the collector made no progress");

    case MEMSCOPE_LOSS_PAUSED:
      return _("recording was paused");

    case MEMSCOPE_LOSS_NESTED:
      return _("signal handlers interrupted each other inside the recorder");

    case MEMSCOPE_LOSS_FORK:
      return _("a child process could not register with the collector");

    case MEMSCOPE_LOSS_DAMAGED:
      return _("the program wrote over a buffer of the recorder");

    case MEMSCOPE_LOSS_DEATHS:
      return _("more sampled blocks were alive than can be watched: the deaths of so many were not seen");

    case MEMSCOPE_LOSS_SEGMENT:
      return _("a segment of the recording is missing");

    case MEMSCOPE_LOSS_UNKNOWN:
    default:
      return _("of a reason this version does not know");
    }
}

static void
memscope_session_banner_add_losses (MemscopeSessionBanner *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint n = memscope_session_get_n_losses (session);
  guint64 events = 0, bytes = 0, begin = G_MAXUINT64, end = 0;
  gboolean events_known = TRUE, bytes_known = TRUE;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  g_autofree char *size = NULL;
  g_autofree char *count = NULL;
  MemscopeLoss loss = { 0 };
  GString *text;

  if (n == 0)
    return;

  for (guint i = 0; memscope_session_get_loss (session, i, &loss); i++)
    {
      begin = MIN (begin, loss.begin);
      end = MAX (end, loss.end);
      events_known = events_known && loss.events != MEMSCOPE_UNKNOWN;
      bytes_known = bytes_known && loss.bytes != MEMSCOPE_UNKNOWN;
      events += events_known ? loss.events : 0;
      bytes += bytes_known ? loss.bytes : 0;
    }
  memscope_session_get_loss (session, 0, &loss);

  from = dup_time (session, begin);
  to = dup_time (session, end);
  size = memscope_text_size (bytes);
  count = memscope_text_count (events);
  text = g_string_new (NULL);
  if (n == 1)
    g_string_append_printf (text, _("From %s to %s, because %s."), from, to, reason_of (loss.reason));
  else
    g_string_append_printf (text, ngettext ("In %u stretch between %s and %s; the first because %s.",
                                            "In %u stretches between %s and %s; the first because %s.", n),
                            n, from, to, reason_of (loss.reason));
  if (bytes_known)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text, _("They asked for %s."), size);
    }
  g_string_append_c (text, ' ');
  g_string_append (text, _("Figures over such a stretch are too low."));

  memscope_session_banner_add (self, TRUE,
                               events_known
                               ? g_strdup_printf (ngettext ("%s event was not recorded.", "%s events were not recorded.", events),
                                                  count)
                               : g_strdup (_("Events were not recorded, nobody knows how many.")),
                               g_string_free (text, FALSE),
                               _("Record again without --lossy, or with larger buffers, to have them all."));
}

static void
memscope_session_banner_add_sampling (MemscopeSessionBanner *self)
{
  guint64 interval = memscope_session_get_sampling_interval (memscope_view_state_get_session (self->state));
  g_autofree char *size = memscope_text_size (interval);

  if (interval == 0)
    return;

  memscope_session_banner_add (self, FALSE, g_strdup_printf (_("A sample was taken every %s allocated."), size),
                               g_strdup (_("Counts and bytes are estimates; ± is where the true figure lies in 95 of 100 cases.")),
                               _("Of what is small and rare there may be no sample at all. Record without an interval to have every allocation."));
}

static void
memscope_session_banner_collect (MemscopeSessionBanner *self,
                                 gboolean               from_file)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  const char *const *warnings = memscope_session_get_warnings (session);

  g_array_set_size (self->notices, 0);
  if (g_str_equal (memscope_session_get_format_name (session), "native"))
    {
      if (from_file)
        memscope_session_banner_add_incomplete (self);
      memscope_session_banner_add_losses (self);
      memscope_session_banner_add_ending (self);
      memscope_session_banner_add_sampling (self);
    }

  self->n_ours = self->notices->len;
  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (warnings[i], -1);

      memscope_session_banner_add (self, TRUE, NULL, memscope_text_clip (valid, MEMSCOPE_TEXT_TOOLTIP_CHARS), NULL);
    }
}

/* ---- showing it --------------------------------------------------------------------- */

static char *
dup_markup (const Notice *notice)
{
  g_autofree char *text = g_markup_escape_text (notice->text, -1);
  g_autofree char *title = notice->title != NULL ? g_markup_escape_text (notice->title, -1) : NULL;

  return title != NULL ? g_strdup_printf ("<b>%s</b> %s", title, text) : g_steal_pointer (&text);
}

static void
memscope_session_banner_show (MemscopeSessionBanner *self)
{
  g_autoptr(GString) all = g_string_new (NULL);
  g_autofree char *first = NULL;
  g_autofree char *label = NULL;
  gboolean grave = FALSE;
  guint n = self->notices->len;
  guint n_told = self->n_ours > 0 ? self->n_ours : n;

  gtk_info_bar_set_revealed (self->info_bar, n > 0 && !self->dismissed);
  if (n == 0)
    return;

  for (guint i = 0; i < n; i++)
    {
      const Notice *notice = &g_array_index (self->notices, Notice, i);
      g_autofree char *markup = dup_markup (notice);

      grave |= notice->grave && i < n_told;
      g_string_append_printf (all, "%s%s", i > 0 ? "\n\n" : "", markup);
      if (notice->advice != NULL)
        {
          g_autofree char *advice = g_markup_escape_text (notice->advice, -1);

          g_string_append_printf (all, " %s", advice);
        }
    }
  first = dup_markup (&g_array_index (self->notices, Notice, 0));
  if (n_told > 1)
    label = g_strdup_printf (ngettext ("%s (and %u more)", "%s (and %u more)", n_told - 1), first, n_told - 1);

  gtk_info_bar_set_message_type (self->info_bar, grave ? GTK_MESSAGE_WARNING : GTK_MESSAGE_INFO);
  gtk_image_set_from_icon_name (self->icon, grave ? "memscope-warning-symbolic" : "memscope-note-symbolic");
  gtk_label_set_markup (self->label, label != NULL ? label : first);
  gtk_label_set_markup (self->details, all->str);
  gtk_widget_set_visible (self->repair_button, self->repairable);
  gtk_widget_set_visible (self->show_button,
                          memscope_session_get_n_losses (memscope_view_state_get_session (self->state)) > 0);
}

/* From one stretch to the next, and a little around it, so that it can be seen. */
static void
memscope_session_banner_show_loss (MemscopeSessionBanner *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint64 around, end = memscope_view_state_get_end (self->state);
  MemscopeLoss loss;

  if (!memscope_session_get_loss (session, self->next_loss, &loss))
    {
      self->next_loss = 0;
      if (!memscope_session_get_loss (session, 0, &loss))
        return;
    }

  self->next_loss++;
  around = MAX ((loss.end - loss.begin) / 4, end / 200);
  memscope_view_state_set_range (self->state, loss.begin - MIN (around, loss.begin), MIN (loss.end, end) + around);
}

static void
memscope_session_banner_response (MemscopeSessionBanner *self,
                                  int                    response)
{
  memscope_session_banner_set_dismissed (self, TRUE);
}

static void
memscope_session_banner_get_property (GObject    *object,
                                      guint       prop_id,
                                      GValue     *value,
                                      GParamSpec *pspec)
{
  MemscopeSessionBanner *self = MEMSCOPE_SESSION_BANNER (object);

  switch (prop_id)
    {
    case PROP_DISMISSED:
      g_value_set_boolean (value, self->dismissed);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_session_banner_dispose (GObject *object)
{
  MemscopeSessionBanner *self = MEMSCOPE_SESSION_BANNER (object);

  g_clear_object (&self->state);
  g_clear_pointer (&self->notices, g_array_unref);

  G_OBJECT_CLASS (memscope_session_banner_parent_class)->dispose (object);
}

static void
memscope_session_banner_class_init (MemscopeSessionBannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_session_banner_dispose;
  object_class->get_property = memscope_session_banner_get_property;

  properties[PROP_DISMISSED] =
    g_param_spec_boolean ("dismissed", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-session-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, info_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, layout);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, icon);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, show_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, repair_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, details_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeSessionBanner, details);
  gtk_widget_class_bind_template_callback (widget_class, memscope_session_banner_response);
  gtk_widget_class_bind_template_callback (widget_class, memscope_session_banner_show_loss);
}

static void
memscope_session_banner_init (MemscopeSessionBanner *self)
{
  self->notices = g_array_new (FALSE, FALSE, sizeof (Notice));
  g_array_set_clear_func (self->notices, notice_clear);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
memscope_session_banner_set_state (MemscopeSessionBanner *self,
                                   MemscopeViewState     *state,
                                   gboolean               from_file)
{
  g_return_if_fail (MEMSCOPE_IS_SESSION_BANNER (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  g_set_object (&self->state, state);
  self->dismissed = FALSE;
  self->next_loss = 0;
  self->repairable = from_file && is_repairable (memscope_view_state_get_session (state));
  memscope_session_banner_collect (self, from_file);
  memscope_session_banner_show (self);
}

gboolean
memscope_session_banner_get_revealed (MemscopeSessionBanner *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION_BANNER (self), FALSE);

  return gtk_info_bar_get_revealed (self->info_bar);
}

gboolean
memscope_session_banner_get_dismissed (MemscopeSessionBanner *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION_BANNER (self), FALSE);

  return self->dismissed;
}

void
memscope_session_banner_set_dismissed (MemscopeSessionBanner *self,
                                       gboolean               dismissed)
{
  g_return_if_fail (MEMSCOPE_IS_SESSION_BANNER (self));

  if (self->dismissed == dismissed)
    return;

  self->dismissed = dismissed;
  gtk_info_bar_set_revealed (self->info_bar, self->notices->len > 0 && !dismissed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISMISSED]);
}

void
memscope_session_banner_set_narrow (MemscopeSessionBanner *self,
                                    gboolean               narrow)
{
  g_return_if_fail (MEMSCOPE_IS_SESSION_BANNER (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->layout), narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_label_set_lines (self->label, narrow ? 4 : 2);
  if (narrow)
    gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->details_button), "view-more-symbolic");
  else
    gtk_menu_button_set_label (GTK_MENU_BUTTON (self->details_button), _("Details"));
}
