/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a memscope-rs file stores about a block, as a tree. The program that wrote
 * it fills some fields with guesses; those are marked, not hidden.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#include "memscope-inspector-parts.h"
#include "memscope-text.h"

#define MAX_ROWS     500u
#define MAX_DEPTH    16u
#define MAX_ELEMENTS 50u

typedef struct
{
  GtkWidget *box;
  guint      n_rows;
} RecordTree;

/* Made from the type's name, not measured. */
static gboolean
is_placeholder (const char *key)
{
  return g_str_equal (key, "borrow_info") || g_str_equal (key, "clone_info") ||
         g_str_equal (key, "ownership_history_available");
}

static char *
dup_value_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *valid = g_utf8_make_valid (json_node_get_string (node), -1);

      return memscope_text_clip (valid, MEMSCOPE_TEXT_LABEL_CHARS);
    }

  return json_to_string (node, FALSE);
}

static void record_tree_add (RecordTree *self,
                             const char *key,
                             JsonNode   *node,
                             guint       depth);

static void
record_tree_add_row (RecordTree *self,
                     const char *key,
                     const char *value,
                     guint       depth)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  g_autofree char *key_text = memscope_text_clip (key, 80);
  GtkWidget *key_label = memscope_part_label (key_text, "caption dim");

  gtk_widget_set_margin_start (row, (int) depth * 12);
  gtk_widget_set_valign (key_label, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (row), key_label);
  if (value != NULL)
    {
      GtkWidget *value_label = memscope_part_wrapped (value, "caption code");

      gtk_widget_set_hexpand (value_label, TRUE);
      gtk_box_append (GTK_BOX (row), value_label);
    }
  if (depth == 0 && is_placeholder (key))
    {
      GtkWidget *mark = memscope_part_label (_("placeholder"), "tag");

      gtk_widget_set_tooltip_text (mark, _("memscope-rs makes this up from the type’s name; nothing was measured"));
      gtk_widget_set_valign (mark, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (row), mark);
    }
  gtk_box_append (GTK_BOX (self->box), row);
  self->n_rows++;
}

static void
record_tree_add_object (RecordTree *self,
                        JsonObject *object,
                        guint       depth)
{
  g_autoptr(GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    record_tree_add (self, l->data, json_object_get_member (object, l->data), depth);
}

static void
record_tree_add_array (RecordTree *self,
                       JsonArray  *array,
                       guint       depth)
{
  guint n = MIN (json_array_get_length (array), MAX_ELEMENTS);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i + 1);

      record_tree_add (self, key, json_array_get_element (array, i), depth);
    }
  if (n < json_array_get_length (array))
    {
      guint left = json_array_get_length (array) - n;
      g_autofree char *more = g_strdup_printf (ngettext ("and %u more", "and %u more", left), left);

      record_tree_add_row (self, "…", more, depth);
    }
}

static void
record_tree_add (RecordTree *self,
                 const char *key,
                 JsonNode   *node,
                 guint       depth)
{
  if (self->n_rows >= MAX_ROWS || depth > MAX_DEPTH || node == NULL || JSON_NODE_HOLDS_NULL (node))
    return;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      record_tree_add_row (self, key, NULL, depth);
      record_tree_add_object (self, json_node_get_object (node), depth + 1);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      guint n = json_array_get_length (json_node_get_array (node));

      record_tree_add_row (self, key, n == 0 ? _("(empty)") : NULL, depth);
      record_tree_add_array (self, json_node_get_array (node), depth + 1);
    }
  else
    {
      g_autofree char *value = dup_value_text (node);

      record_tree_add_row (self, key, value, depth);
    }
}

GtkWidget *
memscope_part_record (MemscopeSession *session,
                      guint64          row)
{
  g_autoptr(JsonObject) object = memscope_session_dup_stored_record (session, row);
  RecordTree tree = { NULL, 0 };
  GtkWidget *expander;

  if (object == NULL)
    return NULL;

  tree.box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  gtk_widget_set_margin_top (tree.box, 6);
  record_tree_add_object (&tree, object, 0);
  if (tree.n_rows >= MAX_ROWS)
    record_tree_add_row (&tree, "…", _("more than can be shown here; export the data to see all"), 0);

  expander = gtk_expander_new (_("Everything the file stores about it"));
  gtk_expander_set_child (GTK_EXPANDER (expander), tree.box);

  return expander;
}
