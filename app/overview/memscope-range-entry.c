/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-parse.h"
#include "memscope-range-entry.h"
#include "memscope-text.h"

struct _MemscopeRangeEntry
{
  GtkPopover         parent_instance;

  MemscopeViewState *state;

  GtkEntry          *range_entry;
  GtkEntry          *instant_entry;
  GtkLabel          *message;
  GtkWidget         *apply_button;
};

G_DEFINE_FINAL_TYPE (MemscopeRangeEntry, memscope_range_entry, GTK_TYPE_POPOVER)

typedef struct
{
  gboolean has_range;
  guint64  begin;
  guint64  end;
  gboolean has_instant;
  guint64  instant;
} Typed;

static gboolean
mark_valid (GtkEntry *entry,
            gboolean  valid)
{
  if (valid)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                               valid ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE, -1);

  return valid;
}

/* NULL: all is well; else what is wrong. */
static const char *
memscope_range_entry_read (MemscopeRangeEntry *self,
                           Typed              *typed)
{
  const char *range = gtk_editable_get_text (GTK_EDITABLE (self->range_entry));
  const char *instant = gtk_editable_get_text (GTK_EDITABLE (self->instant_entry));
  guint64 whole = memscope_view_state_get_end (self->state);

  *typed = (Typed) { .begin = 0, .end = whole };
  typed->has_range = *range != '\0';
  if (!mark_valid (self->range_entry,
                   !typed->has_range || memscope_parse_range (range, whole, &typed->begin, &typed->end)))
    return _("Write two times within the recording, like 1.2s–3.4s or 01:10–01:20.");

  typed->has_instant = *instant != '\0';
  if (!mark_valid (self->instant_entry, !typed->has_instant || memscope_parse_time (instant, &typed->instant)))
    return _("Write a time, like 1.5s or 01:12.4.");

  if (!mark_valid (self->instant_entry,
                   !typed->has_instant || (typed->instant >= typed->begin && typed->instant <= typed->end)))
    return _("The instant lies outside the range.");

  return NULL;
}

static void
memscope_range_entry_changed (MemscopeRangeEntry *self)
{
  const char *wrong;
  Typed typed;

  if (self->state == NULL)
    return;

  wrong = memscope_range_entry_read (self, &typed);
  gtk_label_set_text (self->message, wrong != NULL ? wrong : "");
  gtk_widget_set_sensitive (self->apply_button, wrong == NULL);
}

static void
memscope_range_entry_apply (MemscopeRangeEntry *self)
{
  Typed typed;

  if (self->state == NULL || memscope_range_entry_read (self, &typed) != NULL)
    return;

  memscope_view_state_begin_gesture (self->state);
  memscope_view_state_set_range (self->state, typed.begin, typed.end);
  if (typed.has_instant)
    memscope_view_state_set_instant (self->state, typed.instant);
  memscope_view_state_end_gesture (self->state);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
memscope_range_entry_whole (MemscopeRangeEntry *self)
{
  memscope_view_state_clear_range (self->state);
  gtk_popover_popdown (GTK_POPOVER (self));
}

/* As exact as it is typed, so that applying it again changes nothing that can be seen. */
static void
memscope_range_entry_show (MemscopeRangeEntry *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  guint64 instant = memscope_selection_get_instant (selection);
  g_autofree char *range = g_strdup_printf ("%.6gs–%.6gs", begin / 1e9, end / 1e9);
  g_autofree char *at = g_strdup_printf ("%.6gs", instant / 1e9);

  gtk_editable_set_text (GTK_EDITABLE (self->range_entry),
                         memscope_view_state_has_range (self->state) ? range : "");
  gtk_editable_set_text (GTK_EDITABLE (self->instant_entry), instant != end ? at : "");
  memscope_range_entry_changed (self);
}

static void
memscope_range_entry_map (GtkWidget *widget)
{
  MemscopeRangeEntry *self = MEMSCOPE_RANGE_ENTRY (widget);

  GTK_WIDGET_CLASS (memscope_range_entry_parent_class)->map (widget);

  if (self->state != NULL)
    memscope_range_entry_show (self);
}

static void
memscope_range_entry_dispose (GObject *object)
{
  MemscopeRangeEntry *self = MEMSCOPE_RANGE_ENTRY (object);

  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_range_entry_parent_class)->dispose (object);
}

static void
memscope_range_entry_class_init (MemscopeRangeEntryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_range_entry_dispose;
  widget_class->map = memscope_range_entry_map;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-range-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeRangeEntry, range_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRangeEntry, instant_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRangeEntry, message);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRangeEntry, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_range_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_range_entry_apply);
  gtk_widget_class_bind_template_callback (widget_class, memscope_range_entry_whole);
}

static void
memscope_range_entry_init (MemscopeRangeEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
memscope_range_entry_set_state (MemscopeRangeEntry *self,
                                MemscopeViewState  *state)
{
  g_return_if_fail (MEMSCOPE_IS_RANGE_ENTRY (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  g_set_object (&self->state, state);
}
